// What happens more than once in the story, and who is in it.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/story_teller.h"

namespace loyalty::cli::story {

inline constexpr char kAda[] = "ada";
inline constexpr char kBob[] = "bob";
inline constexpr char kCarla[] = "carla";  // who answers customers
inline constexpr char kCampaignId[] = "friends";
inline constexpr char kPlanId[] = "plus";
inline constexpr char kLoungeId[] = "lounge";
inline constexpr char kSurveyId[] = "how-was-it";
inline constexpr char kRuleId[] = "plus-double";

// What the program gives, in points.
inline constexpr int64_t kFriendPoints = 100;
inline constexpr int64_t kReferrerPoints = 150;
inline constexpr int64_t kSignUpPoints = 200;
inline constexpr int64_t kCompletionPoints = 20;
inline constexpr int64_t kMakeGoodPoints = 150;
inline constexpr int64_t kMakeGoodLimit = 300;

inline constexpr int64_t kLoungeVisits = 4;       // in a year
inline constexpr int64_t kPlanPriceCents = 4900;  // a year

struct Article {
  std::string sku;
  std::string words;  // as the page has it
  int64_t cents = 0;
};

struct Shopping {
  std::string order_id;
  std::vector<Article> articles;
  int64_t base_points = 0;  // what the base rate gives
  int64_t rule_points = 0;  // what the plan's rule adds
  int64_t balance = 0;      // after it
};

// Ada buys.
void Buy(Teller& teller, const Shopping& shopping);

// The member reads the newest award: these points, which another service has sent.
void Receive(Teller& teller, const std::string& member_id, const std::string& name, int64_t points,
             int64_t balance);

}  // namespace loyalty::cli::story
