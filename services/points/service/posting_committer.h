// The group committer of the ledger: all that moves points goes through it.
#pragma once

#include "common/batch/group_committer.h"
#include "services/points/domain/command.h"

namespace loyalty::points {

using PostingCommitter = GroupCommitter<Command, Receipt>;

}  // namespace loyalty::points
