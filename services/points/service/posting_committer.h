// The group committer of the ledger: all that moves points goes through it.
//
// Calls of a program go through one lane, a key of the committer. Imports have two more, over which their
// rows are spread by member: so one batch of an import is read and decided while the other is written, and a
// till does not queue behind an import. Lanes are to each other what two replicas are: kept apart by the
// locks on accounts, in one order at the event head. Rows of one member stay in one lane, and so in their
// order.
#pragma once

#include <absl/hash/hash.h>
#include <absl/strings/str_cat.h>

#include <string>

#include "common/batch/group_committer.h"
#include "services/points/domain/command.h"

namespace loyalty::points {

using PostingCommitter = GroupCommitter<Command, Receipt>;

inline constexpr size_t kImportLanes = 2;

// Keys of the committer; each has the program's id before its last slash.
inline std::string CallLane(const std::string& program_id) { return absl::StrCat(program_id, "/call"); }
inline std::string ImportLane(const std::string& program_id, const std::string& member_id) {
  return absl::StrCat(program_id, "/import", absl::HashOf(member_id) % kImportLanes);
}
inline std::string ProgramOf(const std::string& lane) { return lane.substr(0, lane.rfind('/')); }

}  // namespace loyalty::points
