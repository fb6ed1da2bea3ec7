#include "cli/import/csv_reader.h"

#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace loyalty::cli {
namespace {

using ::testing::ElementsAre;
using Record = std::vector<std::string>;

std::vector<Record> ReadAll(const std::string& text) {
  std::istringstream in(text);
  CsvReader csv(in);
  std::vector<Record> records;
  while (csv.Next()) {
    Record record(csv.fields().begin(), csv.fields().end());
    if (!csv.malformed().empty()) record.push_back("MALFORMED");
    records.push_back(record);
  }
  return records;
}

TEST(CsvReader, ReadsRecordsWithAnyLineEnd) {
  EXPECT_THAT(ReadAll("a,b\nc,d\r\ne,f"), ElementsAre(Record{"a", "b"}, Record{"c", "d"}, Record{"e", "f"}));
  EXPECT_THAT(ReadAll("\"a\",\"b\"\r\n\"c\",d\r\n"), ElementsAre(Record{"a", "b"}, Record{"c", "d"}));
}

TEST(CsvReader, KeepsEmptyFields) {
  EXPECT_THAT(ReadAll(",a,\n,\n\"\"\n"), ElementsAre(Record{"", "a", ""}, Record{"", ""}, Record{""}));
}

TEST(CsvReader, UnderstandsQuotes) {
  EXPECT_THAT(ReadAll("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\nnext\n"),
              ElementsAre(Record{"a,b", "say \"hi\"", "two\nlines"}, Record{"next"}));
  EXPECT_THAT(ReadAll("\"\"\"\",\"\"\"x\"\"\"\n"), ElementsAre(Record{"\"", "\"x\""}));
}

TEST(CsvReader, TakesAQuoteInsideAPlainFieldAsItIs) {
  EXPECT_THAT(ReadAll("12\" disc,x\n"), ElementsAre(Record{"12\" disc", "x"}));
}

TEST(CsvReader, SkipsByteOrderMarkAndEmptyLines) {
  EXPECT_THAT(ReadAll("\xEF\xBB\xBFid,x\n\n\r\n1,2\n\n"), ElementsAre(Record{"id", "x"}, Record{"1", "2"}));
  EXPECT_THAT(ReadAll(""), ElementsAre());
}

TEST(CsvReader, GoesOnWithTheNextLineAfterABadQuote) {
  EXPECT_THAT(ReadAll("\"a\"b,c\nd,e\n"), ElementsAre(Record{"\"a\"b,c", "MALFORMED"}, Record{"d", "e"}));
  EXPECT_THAT(ReadAll("a,\"never closed\nd,e\nf,g\n"),
              ElementsAre(Record{"a,\"never closed", "MALFORMED"}, Record{"d", "e"}, Record{"f", "g"}));
}

TEST(CsvReader, GoesOnBehindALineThatIsTooLong) {
  for (const size_t size : {size_t{70'000}, size_t{300'000}, size_t{1'000'000}}) {
    const auto records = ReadAll("a,b\n" + std::string(size, 'x') + "\nc,d\n");
    ASSERT_EQ(records.size(), 3u) << size;
    EXPECT_EQ(records[1].back(), "MALFORMED") << size;
    EXPECT_EQ(records[2], (Record{"c", "d"})) << size;
  }
}

TEST(CsvReader, ReadsTheSameWhereverItsBufferEnds) {
  std::string text;
  std::vector<Record> expected;
  for (int i = 0; i < 50'000; ++i) {
    const std::string number = std::to_string(i);
    text += absl::StrCat(number, ",\"q\"\"", number, "\r\n\",plain\r\n");
    expected.push_back({number, "q\"" + number + "\r\n", "plain"});
  }
  EXPECT_EQ(ReadAll(text), expected);
}

TEST(CsvReader, TellsRecordLineAndBytes) {
  std::istringstream in("h\n\"a\nb\",c\r\n\nlast");
  CsvReader csv(in);
  ASSERT_TRUE(csv.Next());
  ASSERT_TRUE(csv.Next());
  EXPECT_EQ(csv.record(), "\"a\nb\",c");
  EXPECT_EQ(csv.line(), 2);
  EXPECT_EQ(csv.bytes(), 11);
  ASSERT_TRUE(csv.Next());
  EXPECT_EQ(csv.record(), "last");
  EXPECT_EQ(csv.line(), 5);
  EXPECT_FALSE(csv.Next());
}

TEST(CsvText, QuotesWhatHasToBeQuotedAndSplitsItAgain) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField("a \"b\", c"), "\"a \"\"b\"\", c\"");
  EXPECT_THAT(SplitRecord("x,\"a \"\"b\"\", c\","), ElementsAre("x", "a \"b\", c", ""));
}

}  // namespace
}  // namespace loyalty::cli
