// What the handlers of this service share: checks of what every request has, changes, pages of lists.
#pragma once

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/rpc/adapter.h"
#include "common/rpc/page_token.h"
#include "common/status/status.h"
#include "common/work/work.h"
#include "services/referral/domain/validate.h"

namespace loyalty::referral {

template <class Request>
void CheckProgram(const Request& in, Violations& violations) {
  CheckText(violations, "program_id", in.program_id(), kMaxIdBytes, Presence::kRequired);
}

// Who changes what: program_id, request_id and actor.
template <class Request>
void CheckChange(const Request& in, Presence request_id, Violations& violations) {
  CheckProgram(in, violations);
  CheckText(violations, "request_id", in.request_id(), kMaxRequestIdBytes, request_id);
  CheckText(violations, "actor", in.actor(), kMaxActorBytes, Presence::kOptional);
}

// Runs a change once for its request id (work::Runner::Mutate). Body: absl::Status(work::Work&, Response&).
template <class Request, class Response, class Body>
absl::Status Change(work::Runner& runner, rpc::Call& call, const Request& in, Response& out, Body body) {
  const absl::StatusOr<work::Done> done = runner.Mutate(work::MutationOf(in), out, std::move(body));
  if (done.ok() && done->replayed) call.SetReplayed();
  return done.status();
}

// One page of a list. A store is asked for `size + 1` rows: the last one tells whether there is a next page.
struct Page {
  Digest filter = {};
  int size = 0;
  std::string cursor;  // empty: the first page
};

template <class Request>
absl::StatusOr<Page> PageOf(const Request& in, int cap) {
  constexpr int kDefaultPageSize = 50;
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

// Adds the page's rows to the answer, with the token of the next page. `cursor`: of a row, where the page
// after it begins.
template <class Response, class Row, class Add, class Cursor>
void FillPage(Response& out, const Page& page, const std::vector<Row>& rows, Add add, Cursor cursor) {
  const auto size = static_cast<size_t>(page.size);
  for (size_t i = 0; i < std::min(size, rows.size()); ++i) add(rows[i]);
  if (rows.size() > size) {
    out.set_next_page_token(rpc::MakePageToken(page.filter, absl::StrCat(cursor(rows[size - 1]))));
  }
}

}  // namespace loyalty::referral
