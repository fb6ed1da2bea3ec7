// What commands concern: the members, entries and counters that each may touch, and so what has to be loaded
// and locked before it is decided.
#pragma once

#include <absl/strings/string_view.h>

#include <span>
#include <string>
#include <vector>

#include "services/points/domain/command.h"
#include "services/points/domain/program.h"

namespace loyalty::points {

// True if the command asks for one of these.
template <class... Actions>
bool IsAny(const Command& command) {
  return (std::holds_alternative<Actions>(command.action) || ...);
}

// True if the command makes its member one, where enrollment is open.
bool Enrolls(const Command& command);

// True for what rules reward.
bool IsDeed(const Command& command);

// True if the command is about a reward.
bool IsAboutRewards(const Command& command);

// True for what may still come in after the member has left: that an order is given back, and that a
// redemption ends.
bool IsForThoseWhoLeft(const Command& command);

// True for commands that ask everything before they post anything.
bool RefusesEarly(const Command& command);

// True if the command corrects an entry that it names.
bool Corrects(const Command& command);

// True if the command can only be the last of a batch's commands, so that those after it are another's: it
// changes whose accounts are whose.
bool StandsLast(const Command& command);

// True if the command is decided on things of the account that no process remembers. So are those that pay
// for an order (PaidOrder).
bool NeedsStored(const Command& command);

// The other member whose account the command posts to; null if there is none.
const std::string* OtherMemberOf(const Command& command);

// All members whose accounts the command may post to: its own, if it names one, the receiver of a transfer,
// who is merged into it, and the charities of the program's rules.
std::vector<absl::string_view> MembersOf(const Program& program, const Command& command);

// The counters that some commands may use: the budgets of the program's rules, and the stocks of the rewards
// that they name. Those that a correction gives back to are for storage to find.
std::vector<std::string> CountersOf(const Program& program, std::span<const Command> commands);

// The order that the command returns, confirms or cancels; null if it does none of that.
const std::string* CorrectedOrder(const Command& command);
// The order of which the command asks how much of it points may pay: it names the total, and the program ties
// points to amounts. Null if there is none.
const std::string* PaidOrder(const Program& program, const Command& command);
// The request whose entry the command reverses, captures, releases, fulfils or cancels; null if it does none
// of that.
const std::string* CorrectedRequest(const Command& command);

}  // namespace loyalty::points
