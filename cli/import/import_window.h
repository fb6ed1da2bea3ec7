// The rows of an import that are not done yet: read, perhaps sent, not answered for good. Their number is
// bounded, and their memory is used again and again.
//
// A row goes: Stage → Add → (TakeReady → Delay → Release …) → TakeReady → Done. An order id that comes again
// while the first row with it is not done waits for it, so that an answer always belongs to one row.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "cli/import/purchase_row.h"

namespace loyalty::cli {

struct PendingRow {
  ImportRow row;
  std::string record;  // as it is in the file

  int64_t number = 0;  // the order in which rows came
  bool sent = false;
  PendingRow* next_with_same_order = nullptr;
};

class ImportWindow {
 public:
  explicit ImportWindow(size_t capacity);

  bool empty() const { return free_.size() == rows_.size(); }
  bool full() const { return free_.empty(); }
  size_t ready() const { return ready_.size(); }
  size_t sent() const { return sent_; }
  size_t delayed() const { return delayed_.size(); }

  // The row that Add would add: fill it, and add it or leave it. Not when full.
  PendingRow& Stage() { return *free_.back(); }
  void Add();

  // The oldest of the ready rows, from now on sent; null when none is ready.
  PendingRow* TakeReady();

  // The sent row that an answer is for; null when there is none.
  PendingRow* Find(absl::string_view order_id) const;
  // The row is answered for good. What is in it holds until the next Stage.
  void Done(PendingRow& row);
  // The row has to be sent again, but not before Release.
  void Delay(PendingRow& row);
  void Release();
  // The stream broke: whatever was sent is ready again, in its old order.
  void Unsend();

 private:
  std::deque<PendingRow> rows_;
  std::vector<PendingRow*> free_;
  std::deque<PendingRow*> ready_;
  std::vector<PendingRow*> delayed_;
  size_t sent_ = 0;
  int64_t added_ = 0;
  absl::flat_hash_map<absl::string_view, PendingRow*> by_order_;  // the first with the order id
};

}  // namespace loyalty::cli
