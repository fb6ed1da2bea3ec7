// The rewards that a batch's commands name, with the codes that can be given out, and the redemptions that
// they fulfil or cancel.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "services/points/domain/entry.h"
#include "services/points/domain/reward.h"

namespace loyalty::points {

class Shelf {
 public:
  using Place = std::pair<int64_t, int64_t>;  // account and sequence

  // From storage; nothing, if it is there already.
  void Add(Reward reward);
  // A free code of a reward. Of those that are free the first by number are added, as many as may be given
  // out.
  void AddCode(const std::string& reward_id, RewardCode code);
  // A candidate for a generated code that somebody has.
  void AddTaken(std::string code) { taken_.insert(std::move(code)); }
  void AddRedemption(const Place& place, Redemption redemption);

  // Null if there is none.
  const Reward* Find(const std::string& reward_id) const;
  Redemption* FindRedemption(const Place& place);
  const Redemption* FindRedemption(const Place& place) const;

  // The free code with the lowest number; null if there is none.
  const RewardCode* NextCode(const std::string& reward_id) const;
  bool IsTaken(const std::string& code) const { return taken_.count(code) == 1; }

  // A redemption that was posted; its code is nobody else's from now on.
  void Redeem(const Place& place, Redemption redemption);
  // One that is not cancelled becomes it: its code can be given out again.
  void Cancel(Redemption& redemption);

 private:
  std::map<std::string, Reward> rewards_;
  std::map<std::string, std::set<RewardCode>> free_;  // by reward
  std::set<std::string> taken_;                       // generated ones
  std::map<Place, Redemption> redemptions_;
};

// Where the redemption stands that an entry of an account tells of.
Shelf::Place PlaceOfRedemption(int64_t account_id, const Entry& entry);

}  // namespace loyalty::points
