// Pages of lists. A token says where the next page begins, and is bound to what the list was asked for.
//
//   const absl::StatusOr<Page> page = PageOf(in, kMaxPageSize);
//   LOYALTY_RETURN_IF_ERROR(page.status());
//   FillPage(out, *page, ListPlans(…, page->cursor, page->size + 1),
//            [&](const Plan& plan) { return AddTo(*out.mutable_plans(), ToProto(plan)); },
//            [](const Plan& plan) { return plan.id; });
#pragma once

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/repeated_field.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/page_token.h"
#include "common/status/status.h"
#include "common/work/work.h"

namespace loyalty {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1'000;

// One page of a list. A store is asked for `size + 1` elements: the last one tells whether there is a next
// page.
struct Page {
  Digest filter = {};
  int size = 0;
  std::string cursor;  // empty: the first page
  int64_t number = 0;  // the cursor of a list by number
};

// `cap`: the largest size; `fallback`: that of a request without one. INVALID_ARGUMENT: NEGATIVE,
// PAGE_TOKEN_INVALID.
template <class Request>
absl::StatusOr<Page> PageOf(const Request& in, int cap, int fallback = kDefaultPageSize) {
  Page page;
  Request filter = in;
  filter.clear_page_size();
  filter.clear_page_token();
  page.filter = work::ContentOf(filter);
  const absl::StatusOr<int> size = rpc::PageSize(in.page_size(), fallback, cap);
  LOYALTY_RETURN_IF_ERROR(size.status());
  page.size = *size;
  if (in.page_token().empty()) return page;
  absl::StatusOr<std::string> cursor = rpc::ReadPageToken(page.filter, in.page_token());
  LOYALTY_RETURN_IF_ERROR(cursor.status());
  page.cursor = *std::move(cursor);
  return page;
}

// Of a list whose cursor is a number. `first`: that of the first page; a list that begins with the newest
// asks for what is before it.
template <class Request>
absl::StatusOr<Page> PageByNumber(const Request& in, int cap,
                                  int64_t first = std::numeric_limits<int64_t>::max(),
                                  int fallback = kDefaultPageSize) {
  absl::StatusOr<Page> page = PageOf(in, cap, fallback);
  if (!page.ok()) return page;
  page->number = first;
  if (!page->cursor.empty() && !absl::SimpleAtoi(page->cursor, &page->number)) return rpc::PageTokenInvalid();
  return page;
}

// From so many bytes on a page is full. Clients of gRPC take 4 MiB by default; no element has 2 MB.
inline constexpr size_t kFullPageBytes = 1'000'000;

// Adds a message to a repeated field, and returns its length.
template <class Message>
size_t AddTo(google::protobuf::RepeatedPtrField<Message>& field, Message message) {
  const size_t bytes = message.ByteSizeLong();
  *field.Add() = std::move(message);
  return bytes;
}

// Adds the page's elements to the answer, with the token of the next page. `add` returns the length of what
// it added (AddTo): a page of long elements ends early, and the next one goes on where it ended. `cursor`: of
// an element, where the page after it begins.
template <class Response, class Element, class Add, class Cursor>
void FillPage(Response& out, const Page& page, const std::vector<Element>& elements, Add add, Cursor cursor) {
  const size_t most = std::min(static_cast<size_t>(page.size), elements.size());
  size_t bytes = 0, count = 0;
  while (count < most && bytes < kFullPageBytes) bytes += add(elements[count++]);
  if (elements.size() > count && count > 0) {
    out.set_next_page_token(rpc::MakePageToken(page.filter, absl::StrCat(cursor(elements[count - 1]))));
  }
}

}  // namespace loyalty
