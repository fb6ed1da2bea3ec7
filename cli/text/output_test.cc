#include "cli/text/output.h"

#include <sstream>

#include "gtest/gtest.h"
#include "loyalty/points/v1/points_service.pb.h"
#include "nlohmann/json.hpp"

namespace loyalty::cli {
namespace {

TEST(Numbers, HaveSeparatorsBetweenThousands) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(2453159), "2,453,159");
  EXPECT_EQ(Thousands(-100000), "-100,000");
  EXPECT_EQ(Thousands(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(Signed(14), "+14");
  EXPECT_EQ(Signed(-1400), "-1,400");
  EXPECT_EQ(Counted(1, "star", "stars"), "1 star");
  EXPECT_EQ(Counted(2000, "star", "stars"), "2,000 stars");
}

TEST(Table, AlignsColumnsByCharactersNotBytes) {
  Table table({Table::Align::kLeft, Table::Align::kRight, Table::Align::kLeft});
  table.Add({"caffè", "5", "x"});
  table.Add({"tea", "1,000", ""});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(),
            "caffè      5  x\n"
            "tea    1,000\n");
}

TEST(JsonOutput, HasTheContractsNamesAndEveryField) {
  points::v1::Member member;
  member.set_member_id("ada");
  const auto json = nlohmann::json::parse(Json(member, true));
  EXPECT_EQ(json["member_id"], "ada");
  EXPECT_EQ(json["available_points"], "0");
  EXPECT_EQ(json["replayed"], true);
}

}  // namespace
}  // namespace loyalty::cli
