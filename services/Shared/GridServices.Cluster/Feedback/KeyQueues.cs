using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;

namespace GridServices.Cluster.Feedback;

/// <summary>
/// The batches of one turn of reading, key by key in the order in which they came: what a key has not taken goes before what came later, for readings that
/// are older than the last one count as known. A batch that is tried again keeps its place, and what it has done already is not done again.
/// </summary>
internal sealed class KeyQueues
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PlacedKey, Task> _last = [];
    private readonly ConditionalWeakTable<IReadOnlyList<FeedbackItem>, Dictionary<PlacedKey, Place>> _places = [];

    /// <summary>The places of a batch for its keys, of which those that it has no more use for are given up.</summary>
    public IReadOnlyDictionary<PlacedKey, Place> Take(IReadOnlyList<FeedbackItem> batch, IReadOnlyCollection<PlacedKey> keys)
    {
        lock (_gate)
        {
            var places = _places.GetOrCreateValue(batch);
            foreach (var gone in places.Where(place => !keys.Contains(place.Key)))
            {
                gone.Value.Leave();
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

    /// <summary>A batch in the queue of a key.</summary>
    /// <param name="before">Ends once all earlier ones are through.</param>
    internal sealed class Place(Task before)
    {
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Turn => before;

        /// <summary>Ends once this one and all earlier ones are through.</summary>
        public Task Left => _left.Task;

        public bool IsDone { get; private set; }

        public void Leave()
        {
            IsDone = true;
            _ = LeaveInTurnAsync();
        }

        private async Task LeaveInTurnAsync()
        {
            await before;
            _left.TrySetResult();
        }
    }
}
