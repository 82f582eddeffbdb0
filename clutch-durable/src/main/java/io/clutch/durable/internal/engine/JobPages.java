package io.clutch.durable.internal.engine;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.Job;
import io.clutch.v1.JobCount;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import java.util.List;

/** Lists of jobs, a page at a time: state after state, in each in the order of the store. */
final class JobPages {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST = 1_000;

  /** How far a list of those in one state goes: to find a place costs more the further it is. */
  private static final long FURTHEST = 100_000;

  private static final ImmutableList<RowState> ORDER =
      ImmutableList.of(
          RowState.STARTED,
          RowState.PENDING,
          RowState.SCHEDULED,
          RowState.DEAD,
          RowState.EXPIRED,
          RowState.CANCELLED,
          RowState.DONE);

  /** Where a page begins: in which state, behind how many of it. */
  private record Place(int state, long offset) {
    static Place parse(String text) {
      if (text.isEmpty()) {
        return new Place(0, 0);
      }
      List<String> parts = Splitter.on('.').splitToList(text);
      Integer state = parts.size() == 2 ? Ints.tryParse(parts.get(0)) : null;
      Long offset = parts.size() == 2 ? Longs.tryParse(parts.get(1)) : null;
      if (state == null || offset == null || state < 0 || offset < 0) {
        throw ClutchException.notStarted(
            Reason.BAD_ARGUMENTS, "'%s' is no page that was told".formatted(text));
      }
      if (offset > FURTHEST) {
        throw ClutchException.notStarted(
            Reason.BAD_ARGUMENTS,
            "lists go no further than %d jobs in one state: ask for those of one function"
                .formatted(FURTHEST));
      }
      return new Place(state, offset);
    }

    @Override
    public String toString() {
      return state + "." + offset;
    }
  }

  ListJobsResponse page(JobStore store, ListJobsRequest request, long nowMillis)
      throws StoreException {
    int limit = request.getLimit() <= 0 ? DEFAULT_LIMIT : Math.min(MOST, request.getLimit());
    Place place = Place.parse(request.getPage());
    ListJobsResponse.Builder page = ListJobsResponse.newBuilder();
    for (int i = place.state(); i < ORDER.size(); i++) {
      RowState state = ORDER.get(i);
      if (request.getStatesCount() > 0 && !request.getStatesList().contains(JobViews.of(state))) {
        continue;
      }
      long offset = i == place.state() ? place.offset() : 0;
      int left = limit - page.getJobsCount();
      if (left == 0) {
        return page.setNextPage(new Place(i, 0).toString()).build();
      }
      List<StoredJob> jobs =
          store.list(
              state, request.getFunction().isEmpty() ? null : request.getFunction(), left, offset);
      jobs.forEach(job -> page.addJobs(JobViews.of(job, null, nowMillis)));
      if (jobs.size() == left) {
        return page.setNextPage(new Place(i, offset + left).toString()).build();
      }
    }
    return page.build();
  }

  static CountJobsResponse count(JobStore store) throws StoreException {
    CountJobsResponse.Builder counts = CountJobsResponse.newBuilder();
    var byState = store.counts();
    for (RowState state : ORDER) {
      Job.State shown = JobViews.of(state);
      counts.addCounts(
          JobCount.newBuilder().setState(shown).setCount(byState.getOrDefault(state, 0L)));
    }
    store
        .oldestPending()
        .ifPresent(job -> counts.setOldestPending(Times.toProto(job.record().getAcceptedMillis())));
    return counts.build();
  }
}
