// Decisions about rewards: redeeming, handing over, and taking a redemption back.
#include <absl/strings/str_cat.h>

#include <utility>

#include "common/status/status.h"
#include "services/points/domain/decisions.h"
#include "services/points/domain/reason.h"

namespace loyalty::points {
namespace {

absl::Status RewardNotFound(const std::string& reward_id) {
  return Refuse(absl::StatusCode::kNotFound, reason::kRewardNotFound,
                absl::StrCat("The program has no reward ", reward_id, "."), {{"reward_id", reward_id}});
}

// Fills in the code that the redemption hands out, if its reward has codes.
absl::Status ChooseCode(const Shelf& shelf, const Reward& reward, const RedeemReward& redeem,
                        Redemption& redemption) {
  if (NeedsUploadedCode(reward)) {
    const RewardCode* next = shelf.NextCode(reward.id);
    if (next == nullptr) {
      return Refuse(absl::StatusCode::kFailedPrecondition, reason::kNoCodeLeft,
                    absl::StrCat("All codes of the reward ", reward.id, " are given out. Upload more."),
                    {{"reward_id", reward.id}});
    }
    redemption.code = next->code;
    redemption.code_number = next->number;
  } else if (NeedsGeneratedCode(reward)) {
    redemption.code = GeneratedCode(reward, redeem.random);
    if (shelf.IsTaken(redemption.code)) {
      return Refuse(absl::StatusCode::kAborted, reason::kConflict,
                    "The code that was made for the redemption is given out already. Send the request again.",
                    {{"reward_id", reward.id}});
    }
  }
  return absl::OkStatus();
}

// The account that a donation goes to; null for other rewards.
absl::StatusOr<Account*> CharityOf(const Case& scene, const Reward& reward, int64_t points) {
  const auto* donation = std::get_if<DonationReward>(&reward.kind);
  if (donation == nullptr) return nullptr;
  Account* charity = scene.of(donation->charity_member_id);
  if (charity == nullptr || charity == &scene.account) {
    return Refuse(
        absl::StatusCode::kNotFound, reason::kMemberNotFound,
        absl::StrCat("The charity ", donation->charity_member_id, " of the reward is no other member."),
        {{"program_id", scene.book.program().id}, {"member_id", donation->charity_member_id}});
  }
  LOYALTY_RETURN_IF_ERROR(CheckRoom(*charity, points));
  return charity;
}

void Donate(const Case& scene, Account& charity, int64_t points, const Entry& main) {
  Entry draft = FurtherDraftOf(main);
  draft.kind = EntryKind::kDonation;
  draft.reward_id = main.reward_id;
  draft.counterpart = Counterpart{scene.account.id, main.sequence};
  scene.book.Credit(charity, {.points = points, .earned_time = main.occurred_time}, draft);
  scene.book.Post(charity, std::move(draft));
  BringUpToDate(scene.book, charity);
}

void CountRedemption(Account& account, const Redemption& redemption, absl::CivilDay day, int64_t count) {
  if (!redemption.counted) return;
  StateOf(account).uses.Add(RewardUse(redemption.reward_id), *redemption.counted, day, count);
}

// The redemption that a command names, if it is pending still.
absl::StatusOr<Redemption*> FindPending(const Case& scene) {
  Redemption* redemption = scene.original->kind == EntryKind::kRedemption
                               ? scene.shelf.FindRedemption(scene.original->place())
                               : nullptr;
  if (redemption == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, reason::kRedemptionNotFound,
                  "The entry of the member under the request id that is named is no redemption.",
                  {{"request_id", scene.original->request_id}});
  }
  if (redemption->state != RedemptionState::kPending) {
    const bool fulfilled = redemption->state == RedemptionState::kFulfilled;
    return Refuse(
        absl::StatusCode::kFailedPrecondition, reason::kRedemptionNotPending,
        absl::StrCat("The redemption is ", fulfilled ? "fulfilled" : "cancelled", " already."),
        {{"request_id", scene.original->request_id}, {"state", fulfilled ? "FULFILLED" : "CANCELLED"}});
  }
  return redemption;
}

Entry DraftFor(const Case& scene, const Redemption& redemption) {
  Entry draft = DraftOf(scene.command, scene.account, scene.book.now());
  draft.order_id = scene.original->order_id;
  draft.reward_id = redemption.reward_id;
  draft.code = redemption.code;
  return draft;
}

}  // namespace

absl::StatusOr<Entry> Decide(const Case& scene, const RedeemReward& redeem) {
  Book& book = scene.book;
  const Reward* reward = scene.shelf.Find(redeem.reward_id);
  if (reward == nullptr) return RewardNotFound(redeem.reward_id);
  Entry draft = DraftOf(scene.command, scene.account, book.now());
  const MemberState& state = StateOf(std::as_const(scene.account));
  const absl::CivilDay today = book.LocalDayOf(draft.occurred_time);
  const std::string stock = StockCounter(reward->id);
  const Tier* tier = FindTier(book.policies().tiers, state.standing.tier_id);
  const std::vector<std::string> none;
  LOYALTY_RETURN_IF_ERROR(CheckRedeemable(*reward, {.now = book.now(),
                                                    .today = today,
                                                    .tier_id = state.standing.tier_id,
                                                    .tier_labels = tier == nullptr ? none : tier->labels,
                                                    .labels = LabelsOf(scene.account),
                                                    .uses = state.uses,
                                                    .order_total_minor = redeem.order_total_minor,
                                                    .stock_used = book.counters().Used(stock)}));
  Redemption redemption{.reward_id = reward->id};
  LOYALTY_RETURN_IF_ERROR(ChooseCode(scene.shelf, *reward, redeem, redemption));
  const int64_t price = PriceFor(*reward, state.standing.tier_id);
  LOYALTY_RETURN_IF_ERROR(CheckBalance(scene.account, price));
  const absl::StatusOr<Account*> charity = CharityOf(scene, *reward, price);
  LOYALTY_RETURN_IF_ERROR(charity.status());

  draft.kind = EntryKind::kRedemption;
  draft.order_id = redeem.order_id;
  draft.reward_id = reward->id;
  // Who only tries it gets no code that somebody else will have.
  if (!scene.command.validate_only) draft.code = redemption.code;
  if (reward->limit.most > 0) redemption.counted = reward->limit.window;
  if (*charity != nullptr) redemption.state = RedemptionState::kFulfilled;
  book.Take(scene.account, price, 0, draft);
  const Entry main = book.Post(scene.account, std::move(draft));
  book.counters().Add(stock, 1);
  CountRedemption(scene.account, redemption, today, 1);
  scene.shelf.Redeem({scene.account.id, main.sequence}, std::move(redemption));
  if (*charity != nullptr) Donate(scene, **charity, price, main);
  return main;
}

absl::StatusOr<Entry> Decide(const Case& scene, const FulfillRedemption&) {
  const absl::StatusOr<Redemption*> redemption = FindPending(scene);
  LOYALTY_RETURN_IF_ERROR(redemption.status());
  (*redemption)->state = RedemptionState::kFulfilled;
  Entry draft = DraftFor(scene, **redemption);
  draft.kind = EntryKind::kFulfillment;
  Name(*scene.original, draft);
  return scene.book.Post(scene.account, std::move(draft));
}

absl::StatusOr<Entry> Decide(const Case& scene, const CancelRedemption&) {
  const absl::StatusOr<Redemption*> found = FindPending(scene);
  LOYALTY_RETURN_IF_ERROR(found.status());
  Redemption& redemption = **found;
  Original& original = *scene.original;
  LOYALTY_RETURN_IF_ERROR(CheckRoom(scene.account, -original.points));
  Book& book = scene.book;
  book.counters().Add(StockCounter(redemption.reward_id), -1);
  CountRedemption(scene.account, redemption, book.LocalDayOf(original.occurred_time), -1);
  scene.shelf.Cancel(redemption);
  // Points that have lapsed meanwhile come back as after a reversal: with the program's grace, if it has one.
  return GiveBack(scene, original, -original.points, DraftFor(scene, redemption));
}

}  // namespace loyalty::points
