using System.Collections.Immutable;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>
/// Which resources were looked at for each EndDevice, and so which EndDevices an answer concerns: an aggregator's answer leads to a look at one, not at the
/// fleet. Worked out again after a restart; neither stored nor compared.
/// </summary>
internal sealed class DependencyIndex
{
    /// <summary>Whoever looks at more is looked at whatever changed.</summary>
    private const int MostKeys = 64;

    private readonly ImmutableDictionary<string, ImmutableHashSet<string>> _keys;
    private readonly ImmutableDictionary<string, ImmutableHashSet<string>> _devices;

    private DependencyIndex(ImmutableDictionary<string, ImmutableHashSet<string>> keys, ImmutableDictionary<string, ImmutableHashSet<string>> devices) => (_keys, _devices) = (keys, devices);

    /// <summary>Nobody knows yet.</summary>
    public static DependencyIndex Nothing { get; } = new(ImmutableDictionary.Create<string, ImmutableHashSet<string>>(StringComparer.Ordinal), ImmutableDictionary.Create<string, ImmutableHashSet<string>>(StringComparer.Ordinal));

    /// <summary>The EndDevices that a change of these resources may concern, beside those of which nothing is known.</summary>
    public HashSet<string> Concerned(IEnumerable<string> changed) => changed.SelectMany(c => _devices.GetValueOrDefault(c) ?? []).ToHashSet(StringComparer.Ordinal);

    /// <summary>False: anything may concern it.</summary>
    public bool Knows(string lfdi) => _keys.ContainsKey(lfdi);

    /// <summary>What it knows of these EndDevices alone: what is looked at by nobody any more is forgotten.</summary>
    public DependencyIndex Only(Func<string, bool> isHeld) => _keys.Keys.Where(k => !isHeld(k)).Aggregate(this, (looks, gone) => looks.With(gone, null));

    /// <param name="lfdi">Of the EndDevice.</param>
    /// <param name="keys">What was looked at for it, and looked for in vain; null: nobody knows.</param>
    public DependencyIndex With(string lfdi, IReadOnlyCollection<string>? keys)
    {
        var before = _keys.GetValueOrDefault(lfdi);
        var after = keys is null or { Count: > MostKeys } ? null : keys.ToImmutableHashSet(StringComparer.Ordinal);
        if (after is null ? before is null : before?.SetEquals(after) == true)
        {
            return this;
        }

        var devices = _devices;
        foreach (var key in before ?? [])
        {
            devices = after?.Contains(key) == true ? devices : devices[key].Remove(lfdi) is { IsEmpty: false } left ? devices.SetItem(key, left) : devices.Remove(key);
        }

        foreach (var key in after ?? [])
        {
            devices = devices.SetItem(key, (devices.GetValueOrDefault(key) ?? ImmutableHashSet.Create<string>(StringComparer.Ordinal)).Add(lfdi));
        }

        return new DependencyIndex(after is null ? _keys.Remove(lfdi) : _keys.SetItem(lfdi, after), devices);
    }
}
