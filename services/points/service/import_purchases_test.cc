#include "services/points/service/import_purchases.h"

#include <map>
#include <set>
#include <thread>

#include "services/points/service/test_client.h"

namespace loyalty::points {
namespace {

using ::testing::ElementsAre;

using Message = v1::ImportPurchasesRequest;
using Result = v1::ImportPurchasesResponse::Result;

void AddRow(Message& message, const std::string& order, const std::string& member, int64_t total_minor) {
  auto& row = *message.add_rows();
  row.set_member_id(member);
  row.mutable_purchase()->set_order_id(order);
  row.mutable_purchase()->mutable_purchase_time()->set_seconds(1'700'000'000);
  row.mutable_purchase()->set_total_minor(total_minor);
}

Message Of(std::initializer_list<std::tuple<const char*, const char*, int64_t>> rows,
           const std::string& program = "shop") {
  Message message;
  message.set_program_id(program);
  for (const auto& [order, member, total] : rows) AddRow(message, order, member, total);
  return message;
}

// Orders first to last - 1 of ten members, 1 to 10 dollars each, so many a message.
std::vector<Message> Orders(int first, int last, int a_message) {
  std::vector<Message> messages;
  for (int i = first; i < last; ++i) {
    if ((i - first) % a_message == 0) messages.emplace_back().set_program_id(i == first ? "shop" : "");
    AddRow(messages.back(), absl::StrCat("o", i), absl::StrCat("m", i % 10), 100 * (1 + i % 10));
  }
  return messages;
}

struct Outcome {
  grpc::Status status;
  std::vector<Result> results;
  std::multimap<std::string, Result> by_order() const {
    std::multimap<std::string, Result> map;
    for (const Result& result : results) map.emplace(result.order_id(), result);
    return map;
  }
  const Result& Of(const std::string& order) const {
    static const Result none;
    for (const Result& result : results) {
      if (result.order_id() == order) return result;
    }
    ADD_FAILURE() << order << " was not answered";
    return none;
  }
};

class ImportPurchases : public ServerTest {
 protected:
  // Sends everything while it reads the answers.
  Outcome Import(const std::vector<Message>& messages) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    const auto stream = client_.Stub<Points>().ImportPurchases(&context);
    std::thread writer([&] {
      for (const Message& message : messages) {
        if (!stream->Write(message)) break;
      }
      stream->WritesDone();
    });
    Outcome outcome;
    v1::ImportPurchasesResponse response;
    while (stream->Read(&response)) {
      outcome.results.insert(outcome.results.end(), response.results().begin(), response.results().end());
    }
    writer.join();
    outcome.status = stream->Finish();
    return outcome;
  }
};

TEST_F(ImportPurchases, EachOrderIsAnsweredOnceByItsId) {
  const Outcome outcome = Import({Of({{"o1", "anna", 1099}, {"o2", "bert", 0}}), Of({{"o3", "anna", 500}})});
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
  ASSERT_EQ(outcome.results.size(), 3u);
  const auto& o1 = outcome.Of("o1").recorded();
  EXPECT_EQ(o1.points(), 10);
  EXPECT_EQ(o1.balance_after(), 10);
  EXPECT_EQ(o1.sequence(), 1);
  EXPECT_FALSE(o1.replayed());
  EXPECT_EQ(outcome.Of("o2").recorded().points(), 0);
  EXPECT_EQ(outcome.Of("o3").recorded().balance_after(), 15)
      << "a member's orders are applied in the order of sending";
  EXPECT_EQ(outcome.Of("o3").recorded().sequence(), 2);
  const auto entry = Call(&Points::ListEntries, "member_id: 'anna'")->entries(1);
  EXPECT_EQ(entry.request_id(), "");
  EXPECT_EQ(entry.purchase().order_id(), "o1");
}

TEST_F(ImportPurchases, ThatIsOnlyValidatedAnswersEachRowAloneAndWritesNothing) {
  ASSERT_TRUE(Import({Of({{"o1", "anna", 1000}})}).status.ok());
  const std::string before = Written();
  Message trial = Of({{"o1", "anna", 1000}, {"o2", "anna", 500}, {"o3", "zoe", 700}, {"bad", "zoe", -1}});
  trial.set_validate_only(true);
  const Outcome tried = Import({trial});
  EXPECT_TRUE(tried.status.ok()) << tried.status.error_message();
  EXPECT_TRUE(tried.Of("o1").recorded().replayed());
  EXPECT_EQ(tried.Of("o2").recorded().balance_after(), 15);
  EXPECT_EQ(tried.Of("o3").recorded().points(), 7);
  EXPECT_THAT(Decode(tried.Of("bad").error()).violations, ElementsAre("purchase.total_minor NEGATIVE"));
  EXPECT_EQ(Written(), before);
  // It is said for each message.
  const Outcome both = Import({trial, Of({{"o4", "anna", 100}})});
  EXPECT_EQ(both.Of("o4").recorded().balance_after(), 11);
}

TEST_F(ImportPurchases, BadRowsAreAnsweredWithTheirFaultAndStopNothing) {
  Message message = Of({{"o1", "anna", 100},
                        {"bad-total", "anna", -1},
                        {"o2", "", 100},
                        {"", "anna", 100},
                        {"bad-time", "anna", 100},
                        {"bad-currency", "anna", 100},
                        {"o3", "anna", 300}});
  message.mutable_rows(4)->mutable_purchase()->mutable_purchase_time()->set_seconds(1'900'000'000);
  message.mutable_rows(5)->mutable_purchase()->set_currency_code("EUR");
  const Outcome outcome = Import({message, Of({{"o4", "anna", 400}})});
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
  ASSERT_EQ(outcome.results.size(), 8u);
  for (const char* good : {"o1", "o3", "o4"}) EXPECT_TRUE(outcome.Of(good).has_recorded()) << good;
  const auto fault = [&](const std::string& order) {
    const WireError error = Decode(outcome.Of(order).error());
    EXPECT_THAT(error, Refused(StatusCode::INVALID_ARGUMENT, error.reason));
    EXPECT_EQ(error.violations.size(), 1u) << error;
    EXPECT_TRUE(outcome.Of(order).error().details(0).Is<rpc::v1::ErrorInfo>()) << "which reflection knows";
    return error.violations.empty() ? "" : error.violations.front();
  };
  EXPECT_THAT(fault("bad-total"), "purchase.total_minor NEGATIVE");
  EXPECT_THAT(fault("o2"), "member_id FIELD_REQUIRED");
  EXPECT_THAT(fault(""), "purchase.order_id FIELD_REQUIRED");
  EXPECT_THAT(fault("bad-time"), "purchase.purchase_time TIME_IN_FUTURE");
  EXPECT_THAT(Decode(outcome.Of("bad-currency").error()),
              Refused(StatusCode::INVALID_ARGUMENT, "CURRENCY_MISMATCH"));
  EXPECT_EQ(Balance("anna"), 8);
  EXPECT_EQ(Count("entry", "kind = 1"), "3");
}

TEST_F(ImportPurchases, TheSameOrderTwiceInOneMessageIsRecordedOnce) {
  const Outcome outcome = Import({Of({{"o1", "anna", 100}, {"o1", "anna", 100}, {"o1", "anna", 200}})});
  EXPECT_TRUE(outcome.status.ok());
  ASSERT_EQ(outcome.results.size(), 3u);
  int fresh = 0, replayed = 0, reused = 0;
  for (const Result& result : outcome.results) {
    if (result.has_error()) {
      ++reused;
      EXPECT_THAT(Decode(result.error()), Refused(StatusCode::ALREADY_EXISTS, "ORDER_ID_REUSED"));
      continue;
    }
    ++(result.recorded().replayed() ? replayed : fresh);
    EXPECT_EQ(result.recorded().sequence(), 1);
  }
  EXPECT_THAT((std::vector<int>{fresh, replayed, reused}), ElementsAre(1, 1, 1));
  EXPECT_EQ(Balance("anna"), 1);
}

// Two members may be in two lanes (ADR 7): which of them gets the order is open, that one alone gets it is
// not.
TEST_F(ImportPurchases, AnOrderOfTwoMembersIsRecordedForOneOfThem) {
  const Outcome outcome = Import({Of({{"o1", "anna", 100}, {"o1", "bert", 100}, {"o1", "carl", 100}})});
  EXPECT_TRUE(outcome.status.ok());
  ASSERT_EQ(outcome.results.size(), 3u);
  int recorded = 0;
  for (const Result& result : outcome.results) {
    recorded += result.has_recorded();
    if (result.has_error()) {
      EXPECT_THAT(Decode(result.error()), Refused(StatusCode::ALREADY_EXISTS, "ORDER_ID_REUSED"));
    }
  }
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(Count("entry"), "1");
  EXPECT_EQ(Count("member"), "1") << "a refused row enrolls nobody";
}

TEST_F(ImportPurchases, ASecondRunChangesNothingAndAnswersTheSame) {
  const auto messages = Orders(0, 2500, 250);
  const Outcome first = Import(messages);
  EXPECT_TRUE(first.status.ok()) << first.status.error_message();
  ASSERT_EQ(first.by_order().size(), 2500u);
  const std::string state = Written();
  const Outcome second = Import(messages);
  ASSERT_EQ(second.results.size(), 2500u);
  const auto before = first.by_order();
  for (const Result& result : second.results) {
    ASSERT_TRUE(result.recorded().replayed()) << result.ShortDebugString();
    Result original = before.find(result.order_id())->second;
    EXPECT_FALSE(original.recorded().replayed());
    original.mutable_recorded()->set_replayed(true);
    ASSERT_THAT(result, IsMessage(original));
  }
  EXPECT_EQ(Written(), state);
  ExpectCleanLedger();
}

TEST_F(ImportPurchases, AnOrderThatWasRecordedOneByOneIsReplayed) {
  Made(&Points::RecordPurchase,
       "member_id: 'anna', request_id: 'r1', purchase: {order_id: 'o1', purchase_time: "
       "'2023-11-14T22:13:20Z', "
       "total_minor: 100}");
  const Outcome outcome = Import({Of({{"o1", "anna", 100}})});
  EXPECT_TRUE(outcome.Of("o1").recorded().replayed()) << outcome.results.at(0).ShortDebugString();
}

TEST_F(ImportPurchases, AMessageThatIsTooLongEndsTheStreamAfterWhatCameBefore) {
  auto messages = Orders(0, 300, 100);
  messages.push_back(Orders(1000, 2001, 2000).front());
  const Outcome outcome = Import(messages);
  const WireError error = Decode(outcome.status);
  EXPECT_THAT(error, Refused(StatusCode::INVALID_ARGUMENT, "TOO_MANY"));
  EXPECT_THAT(error.violations, ElementsAre("rows TOO_MANY"));
  std::set<std::string> answered;
  for (const Result& result : outcome.results) {
    EXPECT_TRUE(result.has_recorded());
    answered.insert(result.order_id());
  }
  EXPECT_EQ(answered.size(), 300u);
  EXPECT_EQ(outcome.results.size(), 300u) << "each once";
  EXPECT_EQ(Count("entry", "kind = 1"), "300");
  EXPECT_TRUE(Import(Orders(1000, 2000, 1000)).status.ok()) << "a thousand rows are not too many";
}

TEST_F(ImportPurchases, AnotherProgramInTheMiddleEndsTheStreamAfterWhatCameBefore) {
  const Outcome outcome =
      Import({Of({{"o1", "anna", 100}}), Of({{"o2", "anna", 100}}, ""), Of({{"o3", "anna", 100}}),
              Of({{"o4", "anna", 100}}, "cafe"), Of({{"o5", "anna", 100}})});
  const WireError error = Decode(outcome.status);
  EXPECT_EQ(error.code, StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(error.violations, ElementsAre(::testing::StartsWith("program_id "))) << error;
  EXPECT_EQ(outcome.results.size(), 3u);
  for (const char* order : {"o1", "o2", "o3"}) EXPECT_TRUE(outcome.Of(order).has_recorded()) << order;
  EXPECT_EQ(Count("entry", "kind = 1"), "3");
}

TEST_F(ImportPurchases, AStreamWithoutAProgramEndsAtOnce) {
  const Outcome outcome = Import({Of({{"o1", "anna", 100}}, "")});
  const WireError error = Decode(outcome.status);
  EXPECT_THAT(error, Refused(StatusCode::INVALID_ARGUMENT, "FIELD_REQUIRED"));
  EXPECT_THAT(error.violations, ElementsAre("program_id FIELD_REQUIRED"));
  EXPECT_TRUE(outcome.results.empty());
}

TEST_F(ImportPurchases, OfAProgramThatDoesNotExistIsNotFound) {
  const Outcome outcome = Import({Of({{"o1", "anna", 100}}, "nowhere")});
  const WireError error = outcome.status.ok() ? Decode(outcome.Of("o1").error()) : Decode(outcome.status);
  EXPECT_THAT(error, Refused(StatusCode::NOT_FOUND, "PROGRAM_NOT_FOUND"));
}

// All answers wait; together they might be more than a client takes in a message.
TEST_F(ImportPurchases, WhoReadsLateGetsTheAnswersInMessagesOfAnEndurableLength) {
  constexpr int kOrders = 3000;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stream = client_.Stub<Points>().ImportPurchases(&context);
  for (const Message& message : Orders(0, kOrders, 1000)) ASSERT_TRUE(stream->Write(message));
  stream->WritesDone();
  std::set<std::string> answered;
  v1::ImportPurchasesResponse response;
  while (stream->Read(&response)) {
    EXPECT_LE(response.results_size(), 500);
    for (const Result& result : response.results()) EXPECT_TRUE(answered.insert(result.order_id()).second);
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answered.size(), kOrders);
}

TEST_F(ImportPurchases, AnEmptyStreamIsNoWork) {
  EXPECT_TRUE(Import({}).status.ok());
  EXPECT_TRUE(Import({Of({})}).status.ok());
}

TEST_F(ImportPurchases, AClientThatGoesAwayInTheMiddleFindsEachOrderOnceWhenItComesBack) {
  const auto messages = Orders(0, 6000, 300);
  std::set<std::string> acknowledged;
  {
    grpc::ClientContext context;
    const auto stream = client_.Stub<Points>().ImportPurchases(&context);
    std::thread writer([&] {
      for (const Message& message : messages) {
        if (!stream->Write(message)) break;
      }
    });
    v1::ImportPurchasesResponse response;
    while (acknowledged.size() < 500 && stream->Read(&response)) {
      for (const Result& result : response.results()) acknowledged.insert(result.order_id());
    }
    context.TryCancel();
    writer.join();
    while (stream->Read(&response)) {
      for (const Result& result : response.results()) acknowledged.insert(result.order_id());
    }
    EXPECT_EQ(stream->Finish().error_code(), StatusCode::CANCELLED);
  }
  EXPECT_GE(acknowledged.size(), 500u);

  const Outcome outcome = Import(messages);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.error_message();
  ASSERT_EQ(outcome.by_order().size(), 6000u);
  int64_t points = 0;
  for (const Result& result : outcome.results) {
    ASSERT_TRUE(result.has_recorded()) << result.ShortDebugString();
    points += result.recorded().points();
    if (acknowledged.count(result.order_id()) == 1) {
      EXPECT_TRUE(result.recorded().replayed()) << result.order_id();
    }
  }
  EXPECT_EQ(Count("entry", "kind = 1"), "6000");
  EXPECT_EQ(Count("entry"), "6000");
  EXPECT_EQ(points, 600 * 55);
  EXPECT_EQ(server_.database().Exec("SELECT sum(balance) FROM points.account WHERE program_key > 0"),
            std::to_string(points));
  ExpectCleanLedger();
}

}  // namespace
}  // namespace loyalty::points
