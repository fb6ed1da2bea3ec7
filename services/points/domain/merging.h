// What becomes of a member's standing and profile when another member, who is the same person, is merged in.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "services/points/domain/profile.h"
#include "services/points/domain/tier.h"

namespace loyalty::points {

// Both count what was counted for either, and the better tier stays:
//   - progress adds up: day by day (kRolling12Months), or that of the year which is under way for each of
//   them;
//     where their membership years differ, all of it counts in the one of `into`;
//   - of what is carried over, the better tier stays, with its grace; of two alike the one that is kept
//   longer;
//   - an override of `from` goes on where `into` has none, and it shows more than the tier of one's own.
// `from` need not be up to date.
void MergeStandings(const TierScene& from_scene, Standing from, const TierScene& scene, absl::Time now,
                    Standing& into);

// What is known of `into` stays; what is not is taken from `from`, attributes and consents as far as there is
// room. Of a consent that both have, the newer one holds. Who was brought by one of the two members was
// brought by nobody.
Profile MergedProfile(const Profile& from, const std::string& from_member_id, Profile into,
                      const std::string& into_member_id);

}  // namespace loyalty::points
