// What the handlers of this service share: checks of what every request has, changes, pages of lists.
#pragma once

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "common/rpc/adapter.h"
#include "common/rpc/page_token.h"
#include "common/work/work.h"
#include "services/membership/domain/validate.h"

namespace loyalty::membership {

template <class Request>
void CheckProgram(const Request& in, Violations& violations) {
  CheckText(violations, "program_id", in.program_id(), kMaxIdBytes, Presence::kRequired);
}

// Who changes what, besides the program: request_id and actor.
template <class Request>
void CheckChange(const Request& in, Presence actor, Violations& violations) {
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, Presence::kRequired);
  CheckText(violations, "actor", in.actor(), kMaxNameBytes, actor);
}

// Of something that is looked up by the number that the server gave it.
inline void CheckNumber(Violations& violations, const std::string& field, int64_t number) {
  if (number == 0) violations.Add(field, reason::kFieldRequired, "is required.");
  if (number < 0) violations.Add(field, reason::kNotPositive, "must be 1 or more.");
}

// Runs a change once for its request id (work::Runner::Mutate). Body: absl::Status(work::Work&, Response&).
template <class Response, class Body>
absl::StatusOr<work::Done> Change(work::Runner& runner, rpc::Call& call, const work::Mutation& mutation,
                                  Response& out, Body body) {
  absl::StatusOr<work::Done> done = runner.Mutate(mutation, out, std::move(body));
  if (done.ok() && done->replayed) call.SetReplayed();
  return done;
}

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1'000;

// One page of a list. A store is asked for `size + 1` elements: the last one tells whether there is a next
// page.
struct Page {
  Digest filter = {};
  int size = 0;
  std::string cursor;  // empty: the first page
};

template <class Request>
absl::StatusOr<Page> PageOf(const Request& in, int cap) {
  Page page;
  Request filter = in;
  filter.clear_page_size();
  filter.clear_page_token();
  page.filter = work::ContentOf(filter);
  const absl::StatusOr<int> size = rpc::PageSize(in.page_size(), kDefaultPageSize, cap);
  LOYALTY_RETURN_IF_ERROR(size.status());
  page.size = *size;
  if (in.page_token().empty()) return page;
  absl::StatusOr<std::string> cursor = rpc::ReadPageToken(page.filter, in.page_token());
  LOYALTY_RETURN_IF_ERROR(cursor.status());
  page.cursor = *std::move(cursor);
  return page;
}

// Of a list that begins with the newest: the id before which the page begins.
inline int64_t BeforeOf(const Page& page) {
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!page.cursor.empty() && !absl::SimpleAtoi(page.cursor, &before)) return 0;  // we made it: a number
  return before;
}

// Adds the page's elements to the answer, with the token of the next page. `cursor`: of an element, where the
// page after it begins.
template <class Response, class Element, class Add, class Cursor>
void FillPage(Response& out, const Page& page, const std::vector<Element>& elements, Add add, Cursor cursor) {
  const auto size = static_cast<size_t>(page.size);
  for (size_t i = 0; i < std::min(size, elements.size()); ++i) add(elements[i]);
  if (elements.size() > size) {
    out.set_next_page_token(rpc::MakePageToken(page.filter, absl::StrCat(cursor(elements[size - 1]))));
  }
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
