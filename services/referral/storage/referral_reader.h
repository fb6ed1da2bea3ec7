// Reads of one program's referrals. Each is one statement, but the look by friend, which is two.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/postgres/pool.h"
#include "services/referral/domain/referral.h"

namespace loyalty::referral {

struct RecordedReferral {
  Referral referral;
  std::vector<Transition> history;  // oldest first
};

// Which referrals to list; empty: all.
struct ReferralFilter {
  std::string campaign_id;
  std::string referrer_id;
  std::vector<ReferralState> states;
};
inline constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

struct Standing {
  Campaign campaign;
  Referrer referrer;  // without its milestones; all 0 for a member who has not referred anybody
};

struct LeaderboardRow {
  int64_t place = 0;  // 1, 2, 2, 4, …: the same count, the same place
  std::string referrer_id;
  int64_t referrals = 0;  // rewarded in the period, and standing
  int64_t points = 0;     // what stands of them, and of the milestones reached in the period
};
struct LeaderboardCursor {
  int64_t referrals = std::numeric_limits<int64_t>::max();
  std::string referrer_id;
};

class ReferralReader {
 public:
  ReferralReader(postgres::Transaction& tx, int32_t program_key) : tx_(tx), program_key_(program_key) {}

  std::optional<RecordedReferral> Get(int64_t referral_id);
  std::optional<RecordedReferral> GetByFriend(const std::string& friend_id);
  // Up to `limit`, newest first, with ids below `before`.
  std::vector<Referral> List(const ReferralFilter& filter, int64_t before, int limit);
  // Nothing if there is no such campaign.
  std::optional<Standing> GetReferrer(const std::string& campaign_id, const std::string& member_id);
  // Up to `limit` rows after the cursor, the most referrals first, then by id. From start to before end.
  std::vector<LeaderboardRow> Leaderboard(const std::string& campaign_id, absl::Time start, absl::Time end,
                                          const LeaderboardCursor& after, int limit);

 private:
  postgres::Transaction& tx_;
  const int32_t program_key_;
};

}  // namespace loyalty::referral
