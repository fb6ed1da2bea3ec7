#include "cli/commands/story_page.h"

#include <sstream>

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

StoryStep Step(int minute, const std::string& text) {
  return {.time = absl::FromUnixSeconds(1'736'236'800) + absl::Minutes(minute),  // 2025-01-07 08:00 UTC
          .rpc = "loyalty.points.v1.PointsService/Earn",
          .text = text,
          .request = {{"points", "5"}},
          .response = {{"entry", nullptr}}};
}

TEST(StoryPage, NamesTheCallBelowEachStepAndATimeOnce) {
  std::ostringstream out;
  StoryPage page(out, false);
  page.Begin("story-1", "Europe/Rome");
  page.Chapter("A friend");
  page.Add(Step(0, "Ada buys."));
  page.Add(Step(0, "Bob looks."));
  page.Add(Step(20, "Time passes."));
  page.Block("a table\n");
  page.Finish({});
  EXPECT_EQ(out.str().substr(out.str().find("A friend")),
            "A friend\n"
            "2025-01-07 09:00  Ada buys.\n"
            "                  [loyalty.points.v1.PointsService/Earn]\n"
            "                  Bob looks.\n"
            "                  [loyalty.points.v1.PointsService/Earn]\n"
            "2025-01-07 09:20  Time passes.\n"
            "                  [loyalty.points.v1.PointsService/Earn]\n"
            "\n"
            "a table\n"
            "\n");
}

TEST(StoryPage, AsJsonIsOneObject) {
  std::ostringstream out;
  StoryPage page(out, true);
  page.Begin("story-1", "Europe/Rome");
  page.Chapter("A friend");
  page.Add(Step(0, "Ada buys."));
  page.Block("a table\n");
  page.Finish({{"ada_points", 5}});
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["program_id"], "story-1");
  EXPECT_EQ(json["steps"].size(), 1u);
  EXPECT_EQ(json["steps"][0]["time"], "2025-01-07T09:00:00+01:00");
  EXPECT_EQ(json["steps"][0]["chapter"], "A friend");
  EXPECT_EQ(json["steps"][0]["request"]["points"], "5");
  EXPECT_EQ(json["totals"]["ada_points"], 5);
}

}  // namespace
}  // namespace loyalty::cli
