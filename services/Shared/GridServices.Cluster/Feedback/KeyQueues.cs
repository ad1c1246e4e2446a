using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;

namespace GridServices.Cluster.Feedback;

/// <summary>
/// The batches of one turn of reading, key by key in the order in which they came: what a key has not taken goes before what came later, for readings that
/// are older than the last one count as known. A batch that is tried again keeps its place, and what it has done already is not done again. After
/// <see cref="MostTries"/> tries, a minute and a half, others go before it all the same: what can't be taken must not hold up all that comes later.
/// </summary>
internal sealed class KeyQueues
{
    internal const int MostTries = 8;
    private readonly Lock _gate = new();
    private readonly Dictionary<PlacedKey, Task> _last = [];
    private readonly ConditionalWeakTable<IReadOnlyList<FeedbackItem>, Dictionary<PlacedKey, Place>> _places = [];
    private readonly ConditionalWeakTable<IReadOnlyList<FeedbackItem>, Place> _arrivals = [];
    private Task _lastArrival = Task.CompletedTask;

    /// <summary>The place of a batch among all until its keys have been looked up: its places for them are taken in the order in which batches came.</summary>
    public Place Arrive(IReadOnlyList<FeedbackItem> batch)
    {
        lock (_gate)
        {
            if (!_arrivals.TryGetValue(batch, out var arrival))
            {
                arrival = new Place(_lastArrival);
                _arrivals.Add(batch, arrival);
                _lastArrival = arrival.Left;
            }

            return arrival;
        }
    }

    /// <summary>The places of a batch for its keys, of which those that it has no more use for are given up.</summary>
    public IReadOnlyDictionary<PlacedKey, Place> ClaimPlaces(IReadOnlyList<FeedbackItem> batch, IReadOnlyCollection<PlacedKey> keys)
    {
        lock (_gate)
        {
            var places = _places.GetOrCreateValue(batch);
            foreach (var gone in places.Where(place => !keys.Contains(place.Key)))
            {
                gone.Value.Complete();
            }

            foreach (var key in keys.Where(key => !places.ContainsKey(key)))
            {
                places[key] = new Place(_last.GetValueOrDefault(key, Task.CompletedTask));
                _last[key] = places[key].Left;
            }

            foreach (var idle in _last.Where(last => last.Value.IsCompleted).Select(last => last.Key).ToList())
            {
                _last.Remove(idle);
            }

            return keys.ToDictionary(key => key, key => places[key]);
        }
    }

    /// <summary>A batch in a queue.</summary>
    /// <param name="before">Ends once all earlier ones are through.</param>
    internal sealed class Place(Task before)
    {
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _tries;

        public Task Turn => before;

        /// <summary>Ends once this one and all earlier ones are through, or were tried too often.</summary>
        public Task Left => _left.Task;

        public bool IsDone { get; private set; }

        public void Complete()
        {
            IsDone = true;
            _ = CompleteInTurnAsync();
        }

        /// <summary>In vain: after too many times others go before it.</summary>
        public void Failed()
        {
            if (Interlocked.Increment(ref _tries) == MostTries)
            {
                _ = CompleteInTurnAsync();
            }
        }

        private async Task CompleteInTurnAsync()
        {
            await before;
            _left.TrySetResult();
        }
    }
}
