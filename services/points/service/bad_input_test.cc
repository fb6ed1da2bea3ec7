// What is wrong with a request is told completely and precisely, and nothing of it is written.
#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

class BadInput : public ServerTest {
 protected:
  // One violation, and the error names the same reason.
  template <class Method>
  void Expect(Method method, const std::string& json, const std::string& field, const std::string& reason) {
    const std::string before = Written();
    const auto reply = Call(method, json);
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, reason)) << json;
    EXPECT_THAT(reply.error.violations, ElementsAre(field + " " + reason)) << json;
    EXPECT_EQ(Written(), before) << json;
  }
};

std::string Bytes(int count) { return "'" + std::string(static_cast<size_t>(count), 'x') + "'"; }

TEST_F(BadInput, OfEarn) {
  const std::string anna = "member_id: 'anna', ", r1 = "request_id: 'r1', ", five = "points: 5";
  Expect(&Points::Earn, r1 + five, "member_id", "FIELD_REQUIRED");
  Expect(&Points::Earn, anna + five, "request_id", "FIELD_REQUIRED");
  Expect(&Points::Earn, anna + r1 + "points: 0", "points", "NOT_POSITIVE");
  Expect(&Points::Earn, anna + r1 + "points: -5", "points", "NOT_POSITIVE");
  Expect(&Points::Earn, anna + r1 + five + ", program_id: ''", "program_id", "FIELD_REQUIRED");
  Expect(&Points::Earn, anna + five + ", request_id: " + Bytes(65), "request_id", "TOO_LONG");
  Expect(&Points::Earn, r1 + five + ", member_id: " + Bytes(101), "member_id", "TOO_LONG");
  Expect(&Points::Earn, r1 + five + ", member_id: 'a\\u0000b'", "member_id", "MALFORMED");
  Expect(&Points::Earn, anna + r1 + five + ", reason: " + Bytes(201), "reason", "TOO_LONG");
  Expect(&Points::Earn, anna + r1 + five + ", actor: 'a\\nb'", "actor", "MALFORMED");
  Expect(&Points::Earn, anna + r1 + five + ", occurred_time: '2026-05-01T12:05:00.000001Z'", "occurred_time",
         "TIME_IN_FUTURE");
  Expect(&Points::Earn, anna + r1 + five + ", occurred_time: '1899-12-31T23:59:59Z'", "occurred_time",
         "TIME_OUT_OF_RANGE");
  EXPECT_THAT(Call(&Points::Earn, anna + r1 + five + ", occurred_time: '2026-05-01T12:05:00Z'"), IsOk());
}

// More than the trailers of a call hold.
TEST_F(BadInput, OfManyLinesIsAnsweredToo) {
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += "{sku: 'tea', amount_minor: 5}, ";
  const auto reply = Call(&Points::RecordPurchase,
                          "member_id: 'anna', request_id: 'r1', purchase: {order_id: 'o1', purchase_time: "
                          "'2026-05-01T10:00:00Z', total_minor: 1000, lines: [" +
                              lines + "]}");
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "NOT_POSITIVE"));
  EXPECT_GT(reply.error.violations.size(), 30);
}

TEST_F(BadInput, OfReadsIsToldAtOnceToo) {
  EXPECT_THAT(Call(&Points::ListEntries, "kinds: [99], page_size: -1").error.violations,
              UnorderedElementsAre("member_id FIELD_REQUIRED", "page_size NEGATIVE", "kinds MALFORMED"));
  EXPECT_THAT(Call(&Points::GetBalance, "as_of_time: '0001-01-01T00:00:00Z'").error.violations,
              UnorderedElementsAre("member_id FIELD_REQUIRED", "as_of_time TIME_OUT_OF_RANGE"));
  EXPECT_THAT(Call(&Points::EnrollMember, "request_id: " + Bytes(65)).error.violations,
              UnorderedElementsAre("member_id FIELD_REQUIRED", "request_id TOO_LONG"));
}

TEST_F(BadInput, TimestampsThatAreNone) {
  auto request = Parse<v1::EarnRequest>("member_id: 'anna', request_id: 'r1', points: 5");
  for (const auto& [seconds, nanos] : std::vector<std::pair<int64_t, int32_t>>{{0, -1},
                                                                               {0, 1'000'000'000},
                                                                               {INT64_MAX, 0},
                                                                               {INT64_MIN, 0},
                                                                               {253'402'300'800, 0},
                                                                               {-62'135'596'801, 0}}) {
    request.mutable_occurred_time()->set_seconds(seconds);
    request.mutable_occurred_time()->set_nanos(nanos);
    const auto reply = client_.Send(&Points::Earn, request);
    EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "TIME_OUT_OF_RANGE")) << seconds << " " << nanos;
    EXPECT_THAT(reply.error.violations, ElementsAre("occurred_time TIME_OUT_OF_RANGE"));
  }
  Expect(&Points::GetBalance, "member_id: 'anna', as_of_time: '1899-12-31T23:59:59Z'", "as_of_time",
         "TIME_OUT_OF_RANGE");
}

TEST_F(BadInput, OfSpendAndAdjust) {
  const std::string anna = "member_id: 'anna', request_id: 'r1', ", why = ", reason: 'x', actor: 'y'";
  Expect(&Points::Spend, anna + "points: 0", "points", "NOT_POSITIVE");
  Expect(&Points::Spend, anna + "points: 1, order_id: " + Bytes(101), "order_id", "TOO_LONG");
  Expect(&Points::Adjust, anna + "points: 0" + why, "points", "ZERO");
  Expect(&Points::Adjust, anna + "points: 1, actor: 'y'", "reason", "FIELD_REQUIRED");
  Expect(&Points::Adjust, anna + "points: 1, reason: 'x'", "actor", "FIELD_REQUIRED");
}

TEST_F(BadInput, OfWhatTakesBack) {
  const std::string r1 = "request_id: 'r1', ", o1 = "order_id: 'o1', return_id: 'b1'";
  Expect(&Points::RecordReturn, o1, "request_id", "FIELD_REQUIRED");
  Expect(&Points::RecordReturn, r1 + "return_id: 'b1'", "order_id", "FIELD_REQUIRED");
  Expect(&Points::RecordReturn, r1 + "order_id: 'o1'", "return_id", "FIELD_REQUIRED");
  Expect(&Points::RecordReturn, r1 + "order_id: 'o1', return_id: " + Bytes(101), "return_id", "TOO_LONG");
  Expect(&Points::RecordReturn, r1 + o1 + ", amount_minor: -1", "amount_minor", "NEGATIVE");
  Expect(&Points::RecordReturn, r1 + o1 + ", return_time: '1899-01-01T00:00:00Z'", "return_time",
         "TIME_OUT_OF_RANGE");
  const std::string e1 = "reversed_request_id: 'e1'", anna = "member_id: 'anna', ";
  Expect(&Points::ReverseEntry, r1 + e1, "member_id", "FIELD_REQUIRED");
  Expect(&Points::ReverseEntry, r1 + anna, "reversed_request_id", "FIELD_REQUIRED");
  Expect(&Points::ReverseEntry, r1 + anna + e1 + ", points: -1", "points", "NEGATIVE");
}

TEST_F(BadInput, OfLabelsAndCauses) {
  const std::string anna = "member_id: 'anna', request_id: 'r1', ",
                    from = "from_time: '2026-05-01T12:00:00Z', ";
  Expect(&Points::SetMemberLabel, anna + from, "label", "FIELD_REQUIRED");
  Expect(&Points::SetMemberLabel, anna + "label: 'plus'", "from_time", "FIELD_REQUIRED");
  Expect(&Points::SetMemberLabel, anna + from + "label: " + Bytes(101), "label", "TOO_LONG");
  Expect(&Points::SetMemberLabel, anna + from + "label: 'plus', until_time: '2026-05-01T11:59:59Z'",
         "until_time", "TIME_ORDER");
  Expect(&Points::Earn, anna + "points: 5, cause: " + Bytes(101), "cause", "TOO_LONG");
  auto request = Parse<v1::SetMemberLabelRequest>(anna + from + "label: 'plus'");
  request.mutable_until_time()->set_seconds(INT64_MAX);
  EXPECT_THAT(client_.Send(&Points::SetMemberLabel, request),
              Refused(StatusCode::INVALID_ARGUMENT, "TIME_OUT_OF_RANGE"));
}

TEST_F(BadInput, OfEarnRules) {
  const std::string by = ", request_id: 'r1', actor: 'ann'",
                    effect = "effect: {multiplier: {numerator: 2, denominator: 1}}";
  const auto expect = [&](const std::string& rule, const char* field, const char* reason) {
    Expect(&Rules::CreateEarnRule, "rule: {display_name: 'x', " + rule + "}" + by, field, reason);
  };
  expect("rule_id: 'r', " + effect, "rule.program_id", "FIELD_REQUIRED");
  expect("program_id: 'shop', rule_id: 'No', " + effect, "rule.rule_id", "MALFORMED");
  expect("program_id: 'shop', rule_id: 'base', " + effect, "rule.rule_id", "MALFORMED");
  expect("program_id: 'shop', rule_id: 'r'", "rule.effect", "FIELD_REQUIRED");
  expect("program_id: 'shop', rule_id: 'r', effect: {multiplier: {numerator: 1, denominator: 1}}",
         "rule.effect.multiplier", "MULTIPLIER_TOO_SMALL");
  Expect(&Rules::CreateEarnRule,
         "rule: {program_id: 'shop', rule_id: 'r', display_name: 'x', " + effect + "}, request_id: 'r1'",
         "actor", "FIELD_REQUIRED");
  Expect(&Rules::ArchiveEarnRule, "rule_id: 'r', actor: 'ann'", "request_id", "FIELD_REQUIRED");
  Expect(&Rules::GetEarnRule, "", "rule_id", "FIELD_REQUIRED");
  Expect(&Rules::ListEarnRules, "page_size: -1", "page_size", "NEGATIVE");
}

TEST_F(BadInput, OfTestClocks) {
  const std::string lab =
      "program: {program_id: 'lab', display_name: 'x', currency_code: 'USD', time_zone: 'UTC'}, ";
  Expect(&Programs::CreateProgram, lab + "test_clock_start_time: '1997-01-01T00:00:00Z'",
         "test_clock_start_time", "MALFORMED");
  Expect(&Programs::CreateProgram, lab + "test_clock: true, test_clock_start_time: '1800-01-01T00:00:00Z'",
         "test_clock_start_time", "TIME_OUT_OF_RANGE");
}

TEST_F(BadInput, OfRecordPurchase) {
  const std::string anna = "member_id: 'anna', request_id: 'r1', ";
  const std::string time = "purchase_time: '2026-05-01T10:00:00Z', ", o1 = "order_id: 'o1', ";
  const auto expect = [&](const std::string& purchase, const char* field, const char* reason) {
    Expect(&Points::RecordPurchase, anna + "purchase: {" + purchase + "}", field, reason);
  };
  expect(time + "total_minor: 5", "purchase.order_id", "FIELD_REQUIRED");
  expect(o1 + "purchase_time: '2026-05-01T13:00:00Z'", "purchase.purchase_time", "TIME_IN_FUTURE");
  expect(o1 + time + "total_minor: -1", "purchase.total_minor", "NEGATIVE");
  expect(o1 + time + "total_minor: 5, lines: [{quantity: 1, amount_minor: 4}]", "purchase.total_minor",
         "TOTAL_MISMATCH");
  expect(o1 + time + "lines: [{quantity: 1}, {amount_minor: 0}]", "purchase.lines[1].quantity",
         "NOT_POSITIVE");
  expect(o1 + time + "labels: ['gift', " + Bytes(101) + "]", "purchase.labels[1]", "TOO_LONG");
  expect(o1 + time + "channel: " + Bytes(101), "purchase.channel", "TOO_LONG");
}

TEST_F(BadInput, APurchaseWithoutItsTimeIsToldThatItIsRequired) {
  Expect(&Points::RecordPurchase,
         "member_id: 'anna', request_id: 'r1', purchase: {order_id: 'o1', total_minor: 5}",
         "purchase.purchase_time", "FIELD_REQUIRED");
}

TEST_F(BadInput, ATotalThatIsNotTheSumSaysBoth) {
  const auto reply = Call(&Points::RecordPurchase,
                          "member_id: 'anna', request_id: 'r1', purchase: {order_id: 'o1', purchase_time: "
                          "'2026-05-01T10:00:00Z', total_minor: 5, lines: [{quantity: 1, amount_minor: 4}]}");
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "TOTAL_MISMATCH"));
  EXPECT_THAT(reply.error.metadata, UnorderedElementsAre(Pair("total_minor", "5"), Pair("lines_minor", "4")));
}

TEST_F(BadInput, ATextThatIsTooLongSaysByHowMuch) {
  const auto reply = Call(&Points::Earn, "member_id: 'anna', points: 5, request_id: " + Bytes(65));
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "TOO_LONG"));
  EXPECT_THAT(reply.error.metadata, UnorderedElementsAre(Pair("length", "65"), Pair("limit", "64")));
}

TEST_F(BadInput, AListThatIsTooLongSaysByHowMuch) {
  auto request = Parse<v1::BatchGetBalancesRequest>("");
  for (int i = 0; i < 1001; ++i) request.add_member_ids(std::to_string(i));
  const auto reply = client_.Send(&Points::BatchGetBalances, request);
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "TOO_MANY"));
  EXPECT_THAT(reply.error.metadata, UnorderedElementsAre(Pair("count", "1001"), Pair("limit", "1000")));
}

TEST_F(BadInput, AnotherCurrencyIsRefusedWithBoth) {
  const std::string order =
      "member_id: 'anna', request_id: 'r1', purchase: {order_id: 'o1', purchase_time: "
      "'2026-05-01T10:00:00Z', "
      "total_minor: 500, currency_code: ";
  const std::string before = Written();
  const auto reply = Call(&Points::RecordPurchase, order + "'EUR'}");
  EXPECT_THAT(reply, Refused(StatusCode::INVALID_ARGUMENT, "CURRENCY_MISMATCH"));
  EXPECT_THAT(reply.error.metadata,
              UnorderedElementsAre(Pair("currency_code", "EUR"), Pair("expected", "USD")));
  EXPECT_THAT(reply.error.violations, ElementsAre("purchase.currency_code CURRENCY_MISMATCH"));
  EXPECT_EQ(Written(), before);
  EXPECT_THAT(Call(&Points::RecordPurchase, order + "'USD'}"), IsOk());
}

TEST_F(BadInput, APurchaseThatIsNotGivenAtAllIsRefused) {
  const auto reply = Call(&Points::RecordPurchase, "member_id: 'anna', request_id: 'r1'");
  EXPECT_EQ(reply.error.code, StatusCode::INVALID_ARGUMENT) << reply;
  EXPECT_FALSE(reply.error.violations.empty());
}

TEST_F(BadInput, EverythingThatIsWrongIsToldAtOnce) {
  const std::string before = Written();
  const auto reply =
      Call(&Points::RecordPurchase,
           "program_id: '', actor: 'a\\tb', purchase: {purchase_time: '2026-06-01T10:00:00Z', total_minor: "
           "7, lines: [{quantity: -1, amount_minor: 6}]}");
  EXPECT_EQ(reply.error.code, StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(
      reply.error.violations,
      UnorderedElementsAre("program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED",
                           "request_id FIELD_REQUIRED", "actor MALFORMED", "purchase.order_id FIELD_REQUIRED",
                           "purchase.purchase_time TIME_IN_FUTURE", "purchase.lines[0].quantity NOT_POSITIVE",
                           "purchase.total_minor TOTAL_MISMATCH"));
  EXPECT_EQ(Written(), before);
}

TEST_F(BadInput, OfMembersAndReading) {
  Made(&Points::EnrollMember, "member_id: 'anna'");
  const std::string anna = "member_id: 'anna'", nobody = "program_id: ''";
  Expect(&Points::EnrollMember, "", "member_id", "FIELD_REQUIRED");
  Expect(&Points::EnrollMember, "member_id: " + Bytes(101), "member_id", "TOO_LONG");
  Expect(&Points::EnrollMember, "member_id: 'a\\nb'", "member_id", "MALFORMED");
  Expect(&Points::EnrollMember, anna + ", request_id: " + Bytes(65), "request_id", "TOO_LONG");
  Expect(&Points::EnrollMember, anna + ", program_id: ''", "program_id", "FIELD_REQUIRED");
  Expect(&Points::GetMember, "", "member_id", "FIELD_REQUIRED");
  Expect(&Points::GetBalance, "", "member_id", "FIELD_REQUIRED");
  Expect(&Points::ListEntries, "", "member_id", "FIELD_REQUIRED");
  Expect(&Points::BatchGetBalances, "", "member_ids", "FIELD_REQUIRED");
  Expect(&Points::ListEntries, anna + ", page_size: -1", "page_size", "NEGATIVE");
  Expect(&Points::ListEntries, anna + ", kinds: ['ENTRY_KIND_EARN', 77]", "kinds", "MALFORMED");
  Expect(&Ledgers::VerifyLedger, nobody, "program_id", "FIELD_REQUIRED");
  std::string thousand = "'0'";
  for (int i = 1; i < 1000; ++i) thousand += ", '" + std::to_string(i) + "'";
  EXPECT_THAT(Call(&Points::BatchGetBalances, "member_ids: [" + thousand + "]"), IsOk());
  Expect(&Points::BatchGetBalances, "member_ids: [" + thousand + ", 'x']", "member_ids", "TOO_MANY");
}

TEST_F(BadInput, EverythingThatIsWrongWithACallIsToldAtOnce) {
  const std::string before = Written();
  const auto expect = [&](const auto& reply, const std::vector<std::string>& violations) {
    EXPECT_EQ(reply.error.code, StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(reply.error.violations, UnorderedElementsAreArray(violations));
  };
  const std::string nobody = "program_id: ''", long_id = Bytes(101), long_request = Bytes(65);
  const std::vector<std::string> who = {"program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED",
                                        "request_id FIELD_REQUIRED"};
  const auto and_more = [&who](std::vector<std::string> more) {
    more.insert(more.end(), who.begin(), who.end());
    return more;
  };
  expect(Call(&Points::QuotePurchase, nobody + ", purchase: {total_minor: -1, channel: " + long_id + "}"),
         {"program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED", "purchase.order_id FIELD_REQUIRED",
          "purchase.purchase_time FIELD_REQUIRED", "purchase.total_minor NEGATIVE",
          "purchase.channel TOO_LONG"});
  const std::string late = "activity: {activity_time: '2026-05-01T12:05:01Z', channel: " + long_id +
                           ", location: " + long_id + "}, actor: " + long_id;
  expect(Call(&Points::RecordActivity, nobody + ", " + late),
         and_more({"activity.type FIELD_REQUIRED", "activity.activity_id FIELD_REQUIRED",
                   "activity.activity_time TIME_IN_FUTURE", "activity.channel TOO_LONG",
                   "activity.location TOO_LONG", "actor TOO_LONG"}));
  expect(Call(&Points::RecordActivity, nobody),
         and_more({"activity.type FIELD_REQUIRED", "activity.activity_id FIELD_REQUIRED",
                   "activity.activity_time FIELD_REQUIRED"}));
  const std::string order = nobody + ", member_id: " + long_id + ", request_id: " + long_request +
                            ", reason: " + Bytes(201) + ", actor: " + long_id;
  const std::vector<std::string> of_order = {"program_id FIELD_REQUIRED", "member_id TOO_LONG",
                                             "request_id TOO_LONG",       "order_id FIELD_REQUIRED",
                                             "reason TOO_LONG",           "actor TOO_LONG"};
  expect(Call(&Points::ConfirmPurchase, order), of_order);
  expect(Call(&Points::CancelPurchase, order), of_order);
  expect(Call(&Points::ReservePoints, nobody + ", order_id: " + long_id),
         and_more({"points NOT_POSITIVE", "time_to_live.seconds NOT_POSITIVE", "order_id TOO_LONG"}));
  expect(Call(&Points::ReservePoints, nobody + ", points: 1, time_to_live: '31622401s'"),
         and_more({"time_to_live.seconds TOO_LARGE"}));
  expect(Call(&Points::CapturePoints, nobody + ", points: -1"),
         and_more({"hold_request_id FIELD_REQUIRED", "points NEGATIVE"}));
  expect(Call(&Points::ReleasePoints, nobody + ", hold_request_id: " + long_request),
         and_more({"hold_request_id TOO_LONG"}));
  expect(Call(&Points::TransferPoints, nobody),
         and_more({"to_member_id FIELD_REQUIRED", "points NOT_POSITIVE"}));
  expect(Call(&Points::SetTier, nobody + ", tier_id: " + long_request),
         and_more({"until_time FIELD_REQUIRED", "reason FIELD_REQUIRED", "actor FIELD_REQUIRED"}));
  expect(Call(&Points::SetTier, nobody + ", until_time: '1899-01-01T00:00:00Z', tier_id: " + long_request),
         and_more({"tier_id TOO_LONG", "until_time TIME_OUT_OF_RANGE", "reason FIELD_REQUIRED",
                   "actor FIELD_REQUIRED"}));
  expect(Call(&Points::Spend, nobody + ", order_total_minor: -1"),
         and_more({"points NOT_POSITIVE", "order_total_minor NEGATIVE"}));
  expect(Call(&Points::RecordReturn,
              "request_id: 'r1', order_id: 'o1', return_id: 'b1', amount_minor: 5, lines: [{line: -1}, "
              "{quantity: "
              "1000000001}]"),
         {"amount_minor NOT_APPLICABLE", "lines[0].line NEGATIVE", "lines[0].quantity NOT_POSITIVE",
          "lines[1].quantity TOO_LARGE"});
  expect(Call(&Points::ExplainEntry, nobody),
         {"program_id FIELD_REQUIRED", "member_id FIELD_REQUIRED", "sequence NOT_POSITIVE"});
  expect(Call(&Points::ExplainEntry, "member_id: 'anna', sequence: '9223372036854775807'"),
         {"sequence TOO_LARGE"});
  EXPECT_EQ(Written(), before);
}

TEST_F(BadInput, TextThatIsNotUtf8IsRefused) {
  auto request = Parse<v1::EarnRequest>("member_id: 'anna', request_id: 'r1', points: 5");
  request.set_reason("\xff\xfe");
  const std::string before = Written();
  grpc::ClientContext context;
  v1::EarnResponse response;
  EXPECT_FALSE(client_.Stub<Points>().Earn(&context, request, &response).ok());
  EXPECT_EQ(Written(), before);
}

}  // namespace
}  // namespace loyalty::points
