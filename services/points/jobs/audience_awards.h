// Gives audiences their points: a page of members at a time.
//
// The points of a page, and how far the award has come with them, are one transaction. So nothing is given
// twice or left out when a process dies; of two replicas with the same page one finds that the award has
// moved on, and gives nothing; and nothing is given after a cancellation.
#pragma once

#include <memory>
#include <span>

#include "common/due/due_work.h"
#include "common/postgres/pool.h"
#include "common/work/work.h"
#include "services/points/storage/audience_store.h"
#include "services/points/storage/posting_store.h"

namespace loyalty::points {

// Who does what nobody does: it is time.
inline constexpr char kClockActor[] = "loyalty-points";

class AudienceAwards final : public due::DueWork {
 public:
  // `page`: how many members at a time.
  AudienceAwards(postgres::Pool& pool, std::shared_ptr<PostingStore> store, MemberStore members,
                 work::Runner& runner, int page = 500)
      : pool_(pool), store_(std::move(store)), members_(members), runner_(runner), page_(page) {}

  std::string name() const override { return "audience_awards"; }
  absl::StatusOr<std::vector<int32_t>> ProgramsDue(absl::Time now, int limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextDue(int32_t program_key) override;
  // A page, or what ends the award after the last one. What the database refuses is tried with fewer members;
  // one with whom alone it is refused is skipped.
  absl::StatusOr<int64_t> RunDue(int32_t program_key, absl::Time now) override;

 private:
  // Gives the points to those of the members who are meant, and moves the award on. Nothing, if another
  // replica has done it, or somebody of them was merged meanwhile: then it is to be read again.
  absl::Status Give(int32_t program_key, const DueAudienceAward& due, std::span<const Reached> members);
  absl::Status Skip(int32_t program_key, const DueAudienceAward& due, const Reached& member);
  absl::Status Finish(int32_t program_key, const AudienceAward& award);

  postgres::Pool& pool_;
  const std::shared_ptr<PostingStore> store_;
  MemberStore members_;
  work::Runner& runner_;
  const int page_;
};

}  // namespace loyalty::points
