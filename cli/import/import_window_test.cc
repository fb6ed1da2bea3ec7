#include "cli/import/import_window.h"

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

void Add(ImportWindow& window, const std::string& order_id, const std::string& member_id = "ada") {
  PendingRow& row = window.Stage();
  row.row.set_member_id(member_id);
  row.row.mutable_purchase()->set_order_id(order_id);
  window.Add();
}

std::string TakeOrder(ImportWindow& window) {
  PendingRow* const row = window.TakeReady();
  return row == nullptr ? "none" : row->row.purchase().order_id();
}

TEST(ImportWindow, IsFullAtItsCapacityUntilARowIsDone) {
  ImportWindow window(2);
  Add(window, "1");
  Add(window, "2");
  EXPECT_TRUE(window.full());
  EXPECT_EQ(TakeOrder(window), "1");
  window.Done(*window.Find("1"));
  EXPECT_FALSE(window.full());
  EXPECT_EQ(TakeOrder(window), "2");
  window.Done(*window.Find("2"));
  EXPECT_TRUE(window.empty());
}

TEST(ImportWindow, HoldsARowBackWhileItsOrderIsUnderWay) {
  ImportWindow window(3);
  Add(window, "1", "ada");
  Add(window, "1", "bob");
  Add(window, "1", "eve");
  for (const char* member : {"ada", "bob", "eve"}) {
    ASSERT_EQ(window.ready(), 1u);
    EXPECT_EQ(window.TakeReady()->row.member_id(), member);
    window.Done(*window.Find("1"));
  }
  EXPECT_TRUE(window.empty());
}

TEST(ImportWindow, AnswersOnlyWhatWasSent) {
  ImportWindow window(2);
  Add(window, "1");
  EXPECT_EQ(window.Find("1"), nullptr);
  EXPECT_EQ(window.Find("2"), nullptr);
  window.TakeReady();
  EXPECT_NE(window.Find("1"), nullptr);
}

TEST(ImportWindow, KeepsDelayedRowsUntilReleased) {
  ImportWindow window(2);
  Add(window, "1");
  window.TakeReady();
  window.Delay(*window.Find("1"));
  EXPECT_EQ(window.sent(), 0u);
  EXPECT_EQ(TakeOrder(window), "none");
  window.Release();
  EXPECT_EQ(TakeOrder(window), "1");
}

TEST(ImportWindow, SendsAgainInTheOldOrderAfterTheStreamBroke) {
  ImportWindow window(4);
  for (const char* order : {"1", "2", "3"}) Add(window, order);
  window.TakeReady();
  window.Done(*window.Find("1"));
  Add(window, "4");  // in the memory of the first
  window.TakeReady();
  window.TakeReady();
  window.TakeReady();
  Add(window, "5");
  window.Unsend();
  EXPECT_EQ(window.sent(), 0u);
  for (const char* order : {"2", "3", "4", "5"}) EXPECT_EQ(TakeOrder(window), order);
}

}  // namespace
}  // namespace loyalty::cli
