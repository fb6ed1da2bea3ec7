// For tests: a shop that offers rewards, as a caller sees it.
#pragma once

#include <absl/strings/str_cat.h>

#include <string>

#include "loyalty/points/v1/reward_service.grpc.pb.h"
#include "services/points/service/test_client.h"

namespace loyalty::points {

using Rewards = v1::RewardService::StubInterface;
using RewardClient = testing::Client<v1::RewardService>;

class RewardServiceTest : public ServerTest {
 protected:
  template <class Method>
  auto Ask(Method method, const std::string& json) {
    return rewards_.Call(method, json);
  }
  template <class Method>
  auto Done(Method method, const std::string& json) {
    const auto reply = Ask(method, json);
    EXPECT_TRUE(reply.ok()) << reply << " from " << json;
    return *reply;
  }
  // A reward of 100 points; `more` follows its kind.
  static std::string Body(const std::string& id, const std::string& kind, const std::string& more = "") {
    return "reward: {program_id: 'shop', reward_id: '" + id + "', display_name: 'x', price_points: 100, " +
           kind + (more.empty() ? "" : ", " + more) + "}, actor: 'ann', request_id: ";
  }
  v1::Reward Offer(const std::string& id, const std::string& kind, const std::string& more = "") {
    return Done(&Rewards::CreateReward, Body(id, kind, more) + "'new-" + id + "'").reward();
  }
  void Upload(const std::string& id, const std::string& codes) {
    Done(&Rewards::UploadRewardCodes,
         "reward_id: '" + id + "', actor: 'ann', request_id: 'upload-" + id + "', codes: " + codes);
  }
  static std::string Redeeming(const std::string& request, const std::string& reward,
                               const std::string& member = "anna") {
    return "member_id: '" + member + "', reward_id: '" + reward + "', request_id: '" + request + "'";
  }
  auto Redeem(const std::string& request, const std::string& reward, const std::string& more = "",
              const std::string& member = "anna") {
    return Ask(&Rewards::RedeemReward, Redeeming(request, reward, member) + more);
  }
  static std::string Naming(const std::string& request, const std::string& redemption) {
    return "member_id: 'anna', redemption_request_id: '" + redemption + "', request_id: '" + request + "'";
  }
  auto Cancel(const std::string& request, const std::string& redemption) {
    return Ask(&Rewards::CancelRedemption, Naming(request, redemption));
  }
  auto Fulfill(const std::string& request, const std::string& redemption) {
    return Ask(&Rewards::FulfillRedemption, Naming(request, redemption));
  }
  v1::Reward Get(const std::string& id) {
    return Done(&Rewards::GetReward, "reward_id: '" + id + "'").reward();
  }
  void Give(const std::string& member, int64_t points) {
    Made(&Points::Earn, absl::StrCat("member_id: '", member, "', request_id: 'give-", member, points,
                                     "', points: ", points));
  }
  std::string AllWritten() const {
    return Written() + " " + Count("reward") + " " + Count("reward_code") + " " + Count("redemption") + " " +
           server_.database().Exec(
               "SELECT coalesce(sum(used), 0) FROM points.counter WHERE program_key > 0") +
           " " +
           server_.database().Exec("SELECT count(account_id) FROM points.reward_code WHERE program_key > 0");
  }

  RewardClient rewards_{server_.channel()};
};

inline constexpr char kMug[] = "free_product: {sku: 'mug-1'}";
inline constexpr char kUploaded[] = "voucher: {uploaded: {}}";
inline constexpr char kMade[] = "voucher: {generated: {prefix: 'SUMMER-', length: 10}}";

}  // namespace loyalty::points
