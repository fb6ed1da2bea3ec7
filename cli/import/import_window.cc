#include "cli/import/import_window.h"

#include <algorithm>
#include <utility>

namespace loyalty::cli {

ImportWindow::ImportWindow(size_t capacity) : rows_(capacity) {
  free_.reserve(capacity);
  for (auto& row : rows_) free_.push_back(&row);
}

void ImportWindow::Add() {
  PendingRow* const row = free_.back();
  free_.pop_back();
  row->number = ++added_;
  const auto [first, is_first] = by_order_.try_emplace(row->row.purchase().order_id(), row);
  if (is_first) {
    ready_.push_back(row);
    return;
  }
  PendingRow* last = first->second;
  while (last->next_with_same_order != nullptr) last = last->next_with_same_order;
  last->next_with_same_order = row;
}

PendingRow* ImportWindow::TakeReady() {
  if (ready_.empty()) return nullptr;
  PendingRow* const row = ready_.front();
  ready_.pop_front();
  row->sent = true;
  ++sent_;
  return row;
}

PendingRow* ImportWindow::Find(absl::string_view order_id) const {
  const auto found = by_order_.find(order_id);
  return found == by_order_.end() || !found->second->sent ? nullptr : found->second;
}

void ImportWindow::Done(PendingRow& row) {
  by_order_.erase(row.row.purchase().order_id());
  row.sent = false;
  --sent_;
  if (PendingRow* const next = std::exchange(row.next_with_same_order, nullptr)) {
    by_order_.emplace(next->row.purchase().order_id(), next);
    ready_.push_back(next);
  }
  free_.push_back(&row);
}

void ImportWindow::Delay(PendingRow& row) {
  row.sent = false;
  --sent_;
  delayed_.push_back(&row);
}

void ImportWindow::Release() {
  ready_.insert(ready_.end(), delayed_.begin(), delayed_.end());
  delayed_.clear();
}

void ImportWindow::Unsend() {
  std::vector<PendingRow*> unsent;
  for (auto& row : rows_) {
    if (std::exchange(row.sent, false)) unsent.push_back(&row);
  }
  std::sort(unsent.begin(), unsent.end(), [](auto* a, auto* b) { return a->number < b->number; });
  ready_.insert(ready_.begin(), unsent.begin(), unsent.end());
  sent_ = 0;
}

}  // namespace loyalty::cli
