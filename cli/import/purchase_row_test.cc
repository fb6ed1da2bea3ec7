#include "cli/import/purchase_row.h"

#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

const std::vector<absl::string_view> kPlain = {"order_id", "member_id", "time", "amount", "quantity"};

TEST(PurchaseRowParser, MakesAnOrderWithOneLine) {
  const auto parser =
      PurchaseRowParser::FromHeader({"quantity", "amount", "label", "time", "member_id", "order_id",
                                     "currency", "sku", "category", "channel", "location"},
                                    2);
  ASSERT_TRUE(parser.ok());
  ImportRow row;
  ASSERT_TRUE(parser
                  ->Parse({"2", "8.40", "gift", "1970-01-02", "ada", "o-1", "USD", "cappuccino", "coffee",
                           "app", "Rome"},
                          row)
                  .ok());
  EXPECT_EQ(row.member_id(), "ada");
  const auto& purchase = row.purchase();
  EXPECT_EQ(purchase.order_id(), "o-1");
  EXPECT_EQ(purchase.purchase_time().seconds(), 86'400);
  EXPECT_EQ(purchase.currency_code(), "USD");
  EXPECT_EQ(purchase.total_minor(), 840);
  EXPECT_EQ(purchase.channel(), "app");
  EXPECT_EQ(purchase.location(), "Rome");
  ASSERT_EQ(purchase.labels_size(), 1);
  EXPECT_EQ(purchase.labels(0), "gift");
  ASSERT_EQ(purchase.lines_size(), 1);
  EXPECT_EQ(purchase.lines(0).sku(), "cappuccino");
  EXPECT_EQ(purchase.lines(0).category(), "coffee");
  EXPECT_EQ(purchase.lines(0).quantity(), 2);
  EXPECT_EQ(purchase.lines(0).amount_minor(), 840);
}

TEST(PurchaseRowParser, LeavesNothingOfTheRowBefore) {
  auto header = kPlain;
  header.push_back("label");
  const auto parser = PurchaseRowParser::FromHeader(header, 2);
  ImportRow used;
  ImportRow fresh;
  ASSERT_TRUE(parser->Parse({"o-1", "ada", "20240101", "1", "1", "gift"}, used).ok());
  ASSERT_TRUE(parser->Parse({"o-2", "bob", "20240102", "2", "2", ""}, used).ok());
  ASSERT_TRUE(parser->Parse({"o-2", "bob", "20240102", "2", "2", ""}, fresh).ok());
  EXPECT_EQ(used.SerializeAsString(), fresh.SerializeAsString());
}

TEST(PurchaseRowParser, NamesTheColumnsThatAreWrong) {
  const auto message = [](const std::vector<absl::string_view>& header) {
    return std::string(PurchaseRowParser::FromHeader(header, 2).status().message());
  };
  EXPECT_EQ(message({"order_id", "time", "quantity"}), "the header line has no column 'member_id', 'amount'");
  EXPECT_EQ(message({"order_id", "Price"}).substr(0, 22), "unknown column 'Price'");
  EXPECT_EQ(message({"order_id", "order_id"}), "column 'order_id' is there twice");
}

TEST(PurchaseRowParser, ReadsOverTheOutcomeOfAnEarlierImport) {
  auto header = kPlain;
  header.push_back("reason");
  header.push_back("message");
  const auto parser = PurchaseRowParser::FromHeader(header, 2);
  ASSERT_TRUE(parser.ok());
  ImportRow row;
  EXPECT_TRUE(parser->Parse({"o-1", "ada", "20240101", "1", "1", "MALFORMED", "was wrong"}, row).ok());
}

TEST(PurchaseRowParser, SaysWhatIsWrongWithARow) {
  const auto parser = PurchaseRowParser::FromHeader(kPlain, 2);
  const auto message = [&](const std::vector<absl::string_view>& fields) {
    ImportRow row;
    return std::string(parser->Parse(fields, row).message());
  };
  EXPECT_EQ(message({"o-1", "ada", "20240101", "1"}), "the row has 4 columns, the header line 5");
  EXPECT_EQ(message({"o-1", "ada", "yesterday", "1", "1"}).substr(0, 25), "'yesterday' is not a time");
  EXPECT_EQ(message({"o-1", "ada", "20240101", "1.005", "1"}).substr(0, 24), "'1.005' is not an amount");
  EXPECT_EQ(message({"o-1", "ada", "20240101", "1", "one"}), "'one' is not a quantity: write 3");
}

}  // namespace
}  // namespace loyalty::cli
