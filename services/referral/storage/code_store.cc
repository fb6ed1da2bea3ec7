#include "services/referral/storage/code_store.h"

#include <absl/strings/str_cat.h>

#include "common/postgres/values.h"
#include "common/status/status.h"
#include "referral_sql.h"
#include "services/referral/domain/reason.h"
#include "services/referral/storage/rows.h"

namespace loyalty::referral {
namespace {

std::optional<Code> TheCode(const pqxx::result& rows) {
  if (rows.empty()) return std::nullopt;
  return ReadCode(rows[0]);
}

}  // namespace

std::optional<Code> CodeStore::Find(const std::string& campaign_id, const std::string& member_id,
                                    CodeKind kind) {
  return TheCode(
      tx_.Exec(sql::kFindCodeOfMember, program_key_, campaign_id, member_id, static_cast<int>(kind)));
}

absl::StatusOr<CodeStore::Issued> CodeStore::GetOrCreate(const std::string& campaign_id,
                                                         const std::string& member_id,
                                                         const CodeFormat& format, RandomBytes random,
                                                         absl::Time now) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // Before each insert: the one before may have met another caller's code for the same member.
    if (auto own = Find(campaign_id, member_id, CodeKind::kGenerated)) return Issued{*std::move(own)};
    if (auto made =
            Insert({GenerateCode(format, random), CodeKind::kGenerated, campaign_id, member_id, now})) {
      return Issued{*std::move(made), true};
    }
  }
  if (auto own = Find(campaign_id, member_id, CodeKind::kGenerated)) return Issued{*std::move(own)};
  return Refuse(absl::StatusCode::kResourceExhausted, reason::kCodesExhausted,
                absl::StrCat("No free code of ", format.length,
                             " characters was found; give the campaign a greater code_length."),
                {{"campaign_id", campaign_id}, {"code_length", absl::StrCat(format.length)}});
}

absl::StatusOr<CodeStore::Issued> CodeStore::AddVanity(const Code& code) {
  if (auto made = Insert(code)) return Issued{*std::move(made), true};
  const std::optional<Code> own = Find(code.campaign_id, code.member_id, CodeKind::kVanity);
  if (own && own->code == code.code) return Issued{*own};
  if (own) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason::kVanityCodeAlreadySet,
                  absl::StrCat("The member has the vanity code ", own->code, " in this campaign."),
                  {{"code", own->code}});
  }
  return Refuse(absl::StatusCode::kAlreadyExists, reason::kCodeTaken,
                absl::StrCat("The code ", code.code, " is taken; choose another one."),
                {{"code", code.code}});
}

std::optional<CodeStore::Found> CodeStore::LookUp(const std::string& code) {
  const pqxx::result rows = tx_.Exec(sql::kLookUpCode, program_key_, code);
  if (rows.empty()) return std::nullopt;
  return Found{ReadCode(rows[0]), ReadCampaign(rows[0])};
}

std::optional<Code> CodeStore::Insert(const Code& code) {
  return TheCode(tx_.Exec(sql::kInsertCode, program_key_, code.code, static_cast<int>(code.kind),
                          code.campaign_id, code.member_id, postgres::FormatTimestamp(code.create_time)));
}

}  // namespace loyalty::referral
