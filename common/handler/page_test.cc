#include "common/handler/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/testing/refused.h"
#include "loyalty/events/v1/delivery_service.pb.h"

namespace loyalty {
namespace {

using ::testing::ElementsAre;
using testing::IsRefused;

using Request = events::v1::ListDeliveriesRequest;
using Response = events::v1::ListDeliveriesResponse;

// The ids of one page of a list of 5 to 1, whose elements are so long each.
std::vector<int64_t> Ids(const Request& request, Response& out, size_t bytes_each = 1) {
  std::vector<int64_t> ids;
  const absl::StatusOr<Page> page = PageByNumber(request, 3);
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<int64_t> stored;
  for (int64_t id = 5; id > 0 && static_cast<int>(stored.size()) <= page->size; --id) {
    if (id < page->number) stored.push_back(id);
  }
  FillPage(
      out, *page, stored,
      [&](int64_t id) {
        ids.push_back(id);
        return bytes_each;
      },
      [](int64_t id) { return id; });
  return ids;
}

TEST(Page, OfLongElementsEndsEarly) {
  Request request;
  Response first, second;
  request.set_page_size(3);
  EXPECT_THAT(Ids(request, first, kFullPageBytes / 2), ElementsAre(5, 4));
  request.set_page_token(first.next_page_token());
  EXPECT_THAT(Ids(request, second, kFullPageBytes), ElementsAre(3));
  EXPECT_NE(second.next_page_token(), "");
}

TEST(Page, FollowsThePageBeforeItUntilNothingIsLeft) {
  Request request;
  Response first, second;
  request.set_page_size(100);
  EXPECT_THAT(Ids(request, first), ElementsAre(5, 4, 3)) << "at most the cap";
  request.set_page_token(first.next_page_token());
  request.set_page_size(2);
  EXPECT_THAT(Ids(request, second), ElementsAre(2, 1)) << "of another size";
  EXPECT_EQ(second.next_page_token(), "") << "the last one is full, and known to be the last";
}

TEST(Page, HasADefaultSize) {
  EXPECT_EQ(PageOf(Request(), kMaxPageSize)->size, kDefaultPageSize);
  EXPECT_EQ(PageOf(Request(), 100, 20)->size, 20);
}

TEST(Page, TakesOnlyTokensOfItsOwnList) {
  const auto refused = IsRefused(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  Request anna;
  anna.set_member_id("anna");
  const Digest filter = PageOf(anna, 10)->filter;
  anna.set_page_token(rpc::MakePageToken(filter, "7"));
  EXPECT_EQ(PageByNumber(anna, 10)->number, 7);
  anna.set_member_id("ben");
  EXPECT_THAT(PageOf(anna, 10), refused) << "made for another filter";
  anna.set_member_id("anna");
  anna.set_page_token(rpc::MakePageToken(filter, "seven"));
  EXPECT_THAT(PageByNumber(anna, 10), refused) << "not a number";
}

TEST(Page, OfANegativeSizeIsRefused) {
  Request request;
  request.set_page_size(-1);
  EXPECT_THAT(PageOf(request, 10), IsRefused(absl::StatusCode::kInvalidArgument, "NEGATIVE"));
}

}  // namespace
}  // namespace loyalty
