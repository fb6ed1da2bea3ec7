#include "services/points/domain/allocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <numeric>

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int64_t> Shares(int64_t points, std::vector<int64_t> weights) {
  return Allocate(points, weights);
}

TEST(Allocation, GivesTheRestToTheLargestRemaindersTheFirstAmongEquals) {
  EXPECT_THAT(Shares(10, {300, 700}), ElementsAre(3, 7));
  EXPECT_THAT(Shares(10, {1, 1, 1}), ElementsAre(4, 3, 3));
  EXPECT_THAT(Shares(11, {1, 1, 1}), ElementsAre(4, 4, 3));
  EXPECT_THAT(Shares(7, {10, 20, 40}), ElementsAre(1, 2, 4));
  EXPECT_THAT(Shares(5, {10, 25, 65}), ElementsAre(1, 1, 3)) << "0.5, 1.25 and 3.25";
}

TEST(Allocation, WithoutWeightsOrWithNothingToGive) {
  EXPECT_THAT(Shares(5, {}), IsEmpty());
  EXPECT_THAT(Shares(5, {0, 0}), ElementsAre(5, 0));
  EXPECT_THAT(Shares(5, {0, 3}), ElementsAre(0, 5));
  EXPECT_THAT(Shares(0, {2, 3}), ElementsAre(0, 0));
}

TEST(Allocation, TheLargestNumbersDoNotOverflow) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Shares(kMax, {kMax, kMax}), ElementsAre(kMax / 2 + 1, kMax / 2));
}

RC_GTEST_PROP(Allocation, AddsUpAndIsOffByLessThanOne, ()) {
  const auto weights =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 1000)));
  const auto points = *rc::gen::inRange<int64_t>(0, 100'000);
  const auto sum = std::accumulate(weights.begin(), weights.end(), int64_t{0});
  const std::vector<int64_t> shares = Allocate(points, weights);
  RC_ASSERT(std::accumulate(shares.begin(), shares.end(), int64_t{0}) == points);
  for (size_t i = 0; sum > 0 && i < weights.size(); ++i) {
    RC_ASSERT(std::abs(shares[i] * sum - points * weights[i]) < sum);
  }
}

}  // namespace
}  // namespace loyalty::points
