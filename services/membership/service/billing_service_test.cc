#include <algorithm>

#include "services/membership/service/test_client.h"

namespace loyalty::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class BillingService : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    AddPlan();
  }
  auto Record(const std::string& key, const std::string& outcome, int64_t sequence,
              const std::string& more = "") {
    return Call(&Billings::RecordPayment,
                absl::StrCat("idempotency_key: '", key, "', outcome: 'PAYMENT_OUTCOME_", outcome,
                             "', event_sequence: ", sequence,
                             ", event_time: '2026-05-01T12:00:00.123456789Z'", more));
  }
  std::vector<int64_t> ListNumbers(const std::string& json) {
    std::vector<int64_t> numbers;
    std::string token;
    do {
      const auto page = Call(&Billings::ListInvoices, absl::StrCat(json, ", page_token: '", token, "'"));
      EXPECT_THAT(page, IsOk());
      for (const auto& invoice : page->invoices()) numbers.push_back(invoice.invoice_number());
      token = page->next_page_token();
    } while (!token.empty());
    return numbers;
  }
};

TEST_F(BillingService, InvoicesAreNumberedWithoutGapsAndListedTheNewestFirst) {
  Join("anna");
  EXPECT_THAT(Subscribe("anna"), Refused(StatusCode::ALREADY_EXISTS, "ALREADY_SUBSCRIBED"));
  EXPECT_THAT(Subscribe("dora", "card", "validate_only: true"), IsOk());
  Join("bert");
  Subscribe("cleo", "decline");
  GoTo(At(2026, 6, 1, 14));
  for (const int size : {1, 2, 50}) {
    EXPECT_THAT(ListNumbers(absl::StrCat("page_size: ", size)), ElementsAre(5, 4, 3, 2, 1));
  }
  EXPECT_THAT(ListNumbers("page_size: 1, member_id: 'cleo'"), ElementsAre(3));
  EXPECT_THAT(ListNumbers("page_size: 1, states: ['INVOICE_STATE_VOID', 'INVOICE_STATE_DRAFT']"),
              ElementsAre(3));
  EXPECT_THAT(ListNumbers("page_size: 2, states: ['INVOICE_STATE_PAID']"), SizeIs(4));
  const v1::Invoice first = Invoice(1);
  EXPECT_EQ(first.lines(0).description(), "Prime");
  EXPECT_EQ(ToTime(first.lines(0).period_start_time()), testing::kTestStart);
  EXPECT_EQ(ToTime(first.lines(0).period_end_time()), At(2026, 6, 1, 14));
}

TEST_F(BillingService, NewsInAnyOrderAndAnyNumberEndsTheSame) {
  struct Told {
    const char* outcome;
    int sequence;
  };
  const std::vector<Told> news = {{"PENDING", 10}, {"SUCCEEDED", 11}, {"DECLINED", 12}, {"SUCCEEDED", 13}};
  std::vector<size_t> order = {0, 1, 2, 3};
  int number = 0;
  do {
    const std::string member = absl::StrCat("member-", ++number), key = absl::StrCat("shop/", number, "/1");
    const auto joined = Subscribe(member, "pending");
    ASSERT_EQ(joined->membership().state(), v1::MEMBERSHIP_STATE_PENDING_PAYMENT) << joined;
    ASSERT_EQ(joined->invoice().charges(0).outcome(), v1::PAYMENT_OUTCOME_PENDING);
    int newest = 0;
    for (const size_t i : order) {
      const auto first = Record(key, news[i].outcome, news[i].sequence);
      ASSERT_THAT(first, IsOk());
      EXPECT_EQ(first->changed(), news[i].sequence > newest) << "older news never counts";
      newest = std::max(newest, news[i].sequence);
      EXPECT_FALSE(Record(key, news[i].outcome, news[i].sequence)->changed()) << "told before";
    }
    EXPECT_EQ(StateOf(joined->membership().membership_id()), v1::MEMBERSHIP_STATE_ACTIVE);
    const v1::Invoice invoice = Invoice(number);
    EXPECT_EQ(invoice.state(), v1::INVOICE_STATE_PAID);
    EXPECT_EQ(invoice.paid_minor(), 990);
    EXPECT_THAT(invoice.charges(), SizeIs(1));
  } while (std::next_permutation(order.begin(), order.end()));
  server_.RunDue("shop");
  EXPECT_THAT(points_.awards(), SizeIs(24)) << "the sign-up pays once";
}

TEST_F(BillingService, ARequestIsTakenOnceAndValidateOnlyTakesNothing) {
  const int64_t id = Subscribe("anna", "pending")->membership().membership_id();
  const std::string before = Written();
  const auto shown = Record("shop/1/1", "SUCCEEDED", 2, ", validate_only: true");
  EXPECT_TRUE(shown->changed());
  EXPECT_EQ(shown->invoice().state(), v1::INVOICE_STATE_PAID);
  EXPECT_EQ(Written(), before);
  const auto first = Record("shop/1/1", "SUCCEEDED", 2, ", request_id: 'n1', provider_charge_id: 'ch_9'");
  EXPECT_EQ(first->invoice().charges(0).provider_charge_id(), "ch_9") << first;
  const auto again = Record("shop/1/1", "SUCCEEDED", 2, ", request_id: 'n1', provider_charge_id: 'ch_9'");
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(*again, IsMessage(*first));
  EXPECT_THAT(Record("shop/1/1", "DECLINED", 3, ", request_id: 'n1'"),
              Refused(StatusCode::ALREADY_EXISTS, "REQUEST_ID_REUSED"));
  EXPECT_EQ(StateOf(id), v1::MEMBERSHIP_STATE_ACTIVE);
}

TEST_F(BillingService, AKeyOfNoChargeIsNotFound) {
  Join("anna");
  const std::string before = Written();
  for (const char* key : {"x", "shop/1", "shop/1/2", "shop/2/1", "shop/01/1", "other/1/1", "shop/1/0"}) {
    const auto reply = Record(key, "SUCCEEDED", 2);
    EXPECT_THAT(reply, Refused(StatusCode::NOT_FOUND, "CHARGE_NOT_FOUND"));
    EXPECT_THAT(reply.error.metadata, ElementsAre(Pair("idempotency_key", key)));
  }
  EXPECT_EQ(Written(), before);
}

TEST_F(BillingService, MoneyForNothingGoesBack) {
  const auto lost = Subscribe("anna", "lost");
  ASSERT_EQ(lost->invoice().charges(0).outcome(), v1::PAYMENT_OUTCOME_UNKNOWN) << lost;
  EXPECT_EQ(provider_.held(), 990);
  EXPECT_THAT(
      Call(&Memberships::CancelMembership,
           absl::StrCat("membership_id: ", lost->membership().membership_id(), ", when: 'CANCEL_WHEN_NOW'")),
      IsOk());
  EXPECT_EQ(Invoice(1).state(), v1::INVOICE_STATE_VOID);
  server_.clock().Advance(absl::Minutes(5));
  server_.RunDue("shop");
  EXPECT_EQ(Invoice(1).charges(0).outcome(), v1::PAYMENT_OUTCOME_SUCCEEDED);
  EXPECT_EQ(Invoice(1).charges(0).refund_state(), v1::REFUND_STATE_DONE);
  EXPECT_EQ(Invoice(1).state(), v1::INVOICE_STATE_VOID);
  EXPECT_EQ(provider_.held(), 0);
  EXPECT_THAT(points_.awards(), IsEmpty());

  const int64_t cleo = Subscribe("cleo", "pending")->membership().membership_id();
  EXPECT_THAT(Call(&Memberships::CancelMembership,
                   absl::StrCat("membership_id: ", cleo, ", when: 'CANCEL_WHEN_NOW'")),
              IsOk());
  EXPECT_EQ(Record("shop/2/1", "SUCCEEDED", 10)->invoice().charges(0).refund_state(), v1::REFUND_STATE_DUE);
  EXPECT_EQ(Record("shop/2/1", "SUCCEEDED", 11)->invoice().charges(0).refund_state(), v1::REFUND_STATE_DUE);
  server_.RunDue("shop");
  EXPECT_NE(Invoice(2).charges(0).refund_state(), v1::REFUND_STATE_DUE) << "somebody asked for it";

  Subscribe("bert", "pending");
  EXPECT_THAT(Record("shop/3/1", "SUCCEEDED", 2), IsOk());
  EXPECT_THAT(Record("shop/3/1", "DECLINED", 3), IsOk());
  EXPECT_EQ(Invoice(3).state(), v1::INVOICE_STATE_OPEN) << "taken back by the payer";
}

}  // namespace
}  // namespace loyalty::membership
