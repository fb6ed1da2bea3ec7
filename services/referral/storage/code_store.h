// Codes of one program, in a transaction of the caller's.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "common/postgres/pool.h"
#include "services/referral/domain/campaign.h"
#include "services/referral/domain/code.h"

namespace loyalty::referral {

class CodeStore {
 public:
  CodeStore(postgres::Transaction& tx, int32_t program_key) : tx_(tx), program_key_(program_key) {}

  // The code of that kind that a member has in a campaign. One statement.
  std::optional<Code> Find(const std::string& campaign_id, const std::string& member_id, CodeKind kind);

  struct Issued {
    Code code;
    bool is_new = false;  // made by this call
  };

  // The member's generated code, made if there is none; of many at once, all get the same. A code that is
  // taken is generated anew. RESOURCE_EXHAUSTED, reason CODES_EXHAUSTED, after kAttempts that were all taken:
  // the campaign's codes are too short for so many.
  absl::StatusOr<Issued> GetOrCreate(const std::string& campaign_id, const std::string& member_id,
                                     const CodeFormat& format, RandomBytes random, absl::Time now);
  static constexpr int kAttempts = 32;

  // Gives the member a chosen code; the same again gives the one that stands. FAILED_PRECONDITION, reason
  // VANITY_CODE_ALREADY_SET, if the member has another one; ALREADY_EXISTS, reason CODE_TAKEN, if somebody
  // has it.
  absl::StatusOr<Issued> AddVanity(const Code& code);

  struct Found {
    Code code;
    Campaign campaign;
  };
  // By a normalized code. One statement.
  std::optional<Found> LookUp(const std::string& code);

 private:
  std::optional<Code> Insert(const Code& code);

  postgres::Transaction& tx_;
  const int32_t program_key_;
};

}  // namespace loyalty::referral
