// What follows from a member's entries beside points, and what a detail of an entry says, as JSON text.
#pragma once

#include <absl/strings/string_view.h>

#include <memory>
#include <string>

#include "services/points/domain/account.h"
#include "services/points/domain/entry.h"

namespace loyalty::points {

//   {"tier": {"id": "gold", "since": "…", "progress": [900, 90000, 3], …}, "uses": [["weekend", 1, 20454,
//   50]],
//    "celebrated": [2026, 0]}
//
// Days are counted from 1970-01-01. What is as it begins is left out.
std::string StateToJson(const MemberState& state);
std::shared_ptr<const MemberState> StateFromJson(absl::string_view text);

// Fields of an entry that only some kinds have: lots (where they do not follow from the entry's own points
// and times), considered, returned_lines, tier, counterpart, corrected (where that is of another account),
// hold_until, activity_type, reward, code. Empty if there are none.
std::string DetailToJson(const Entry& entry);
void ReadDetail(absl::string_view text, Entry& entry);  // all but the lots
std::vector<NewLot> LotsOfDetail(absl::string_view text);

// True if the entry brought in one lot of its points, at its time, that could be used at once.
bool HasPlainLot(const Entry& entry);

// {"birthday": [5, 17], "segment": "…", "attributes": {…}, "consents": […]}; empty for one that says nothing.
std::string ProfileToJson(const Profile& profile);
std::shared_ptr<const Profile> ProfileFromJson(absl::string_view text);

}  // namespace loyalty::points
