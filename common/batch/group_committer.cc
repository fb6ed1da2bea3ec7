#include "common/batch/group_committer.h"

namespace loyalty {

GroupCommitterMetrics::GroupCommitterMetrics(metrics::Registry& registry)
    : batch_size(prometheus::BuildHistogram()
                     .Name("loyalty_batch_commands")
                     .Help("Commands in a batch of the group committer.")
                     .Register(registry)
                     .Add({}, metrics::kCountBuckets)),
      queue_length(prometheus::BuildGauge()
                       .Name("loyalty_batch_queue_commands")
                       .Help("Commands that wait for a batch.")
                       .Register(registry)
                       .Add({})),
      apply_seconds(metrics::SecondsFamily(registry, "loyalty_batch_apply_seconds",
                                           "Time of a batch's transaction, from begin to commit.")
                        .Add({}, metrics::kSecondsBuckets)),
      halvings(prometheus::BuildCounter()
                   .Name("loyalty_batch_halvings_total")
                   .Help("Batches that the database refused and that were halved.")
                   .Register(registry)
                   .Add({})),
      in_doubt(prometheus::BuildCounter()
                   .Name("loyalty_batch_in_doubt_total")
                   .Help("Commits that were in doubt and had to be looked up.")
                   .Register(registry)
                   .Add({})) {}

}  // namespace loyalty
