// The calls that are measured, and the programs that they go to.
#pragma once

#include <memory>
#include <string>

#include "bench/load.h"

namespace loyalty::bench {

inline constexpr char kProgram[] = "bench";
// Three rules in force, one of them with a budget and one with a limit for each member; three tiers by yearly
// spend, with multipliers; points that lapse twelve months later, at the month's end.
inline constexpr char kRuledProgram[] = "bench-rules";

Call NoOp();
Call EarnCall(int members);
// An order of one line.
Call PurchaseCall(const std::string& program, int members);

// Both programs and their members, each with one entry. Nothing happens the second time.
bool Prepare(const std::shared_ptr<grpc::Channel>& channel, int members);

}  // namespace loyalty::bench
