// Old answers are forgotten, by real time, a bounded piece at a time.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include "common/testing/shop.h"

namespace loyalty::work {
namespace {

TEST(PurgeRequests, ForgetsWhatIsOlderThanNinetyDaysOfRealTimePieceByPiece) {
  testing::Shop shop;
  shop.database().AddProgram("trial");
  // A program whose clock stands in the past, and whose answers are new.
  shop.Exec(
      "INSERT INTO platform.test_clock SELECT program_key, '1997-01-01', '1997-01-01' FROM platform.program "
      "WHERE program_id = 'trial'");
  const auto ask = [&](const std::string& program, const std::string& request_id) {
    google::protobuf::StringValue out;
    const Mutation mutation{program, request_id, "clerk", ContentOf(out), false};
    EXPECT_TRUE(shop.runner().Mutate(mutation, out, [](Work&, auto&) { return absl::OkStatus(); }).ok());
  };
  for (int i = 0; i < 5; ++i) ask("shop", absl::StrCat("old-", i));
  shop.clock().Advance(absl::Hours(24 * 90));
  EXPECT_EQ(shop.runner().PurgeRequests(10).value(), 0) << "kept for 90 days";
  ask("trial", "new");
  shop.clock().Advance(absl::Seconds(1));
  EXPECT_EQ(shop.runner().PurgeRequests(3).value(), 3);
  EXPECT_EQ(shop.runner().PurgeRequests(3).value(), 2);
  EXPECT_EQ(shop.runner().PurgeRequests(3).value(), 0);
  EXPECT_EQ(shop.Exec("SELECT request_id FROM shop.request"), "new");
}

}  // namespace
}  // namespace loyalty::work
