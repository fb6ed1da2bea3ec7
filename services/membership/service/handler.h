// What the handlers of this service share.
#pragma once

#include <absl/strings/str_cat.h>

#include <string>
#include <vector>

#include "common/handler/page.h"
#include "common/handler/request.h"
#include "services/membership/domain/reason.h"

namespace loyalty::membership {

// Of something that is looked up by the number that the server gave it.
inline void CheckNumber(Violations& violations, const std::string& field, int64_t number) {
  if (number == 0) violations.Add(field, reason::kFieldRequired, "is required.");
  if (number < 0) violations.Add(field, reason::kNotPositive, "must be 1 or more.");
}

// The states that a list is asked for. `valid`: of a number, whether the contract has it.
template <class State, class Numbers, class Valid>
std::vector<State> StatesOf(const Numbers& numbers, Valid valid, Violations& violations) {
  std::vector<State> states;
  for (int i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == 0 || !valid(numbers[i])) {
      violations.Add(absl::StrCat("states[", i, "]"), reason::kMalformed, "is not a state.");
    }
    states.push_back(static_cast<State>(numbers[i]));
  }
  return states;
}

}  // namespace loyalty::membership
