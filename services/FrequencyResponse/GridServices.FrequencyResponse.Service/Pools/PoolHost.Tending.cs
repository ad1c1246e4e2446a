using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Sources;
using GridServices.FrequencyResponse.Service.Storage;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>What is looked after each second. What fails is told once and tried again; it takes nothing else with it.</summary>
internal sealed partial class PoolHost
{
    private readonly OutageEdge _edge = new();
    private readonly Dictionary<EntryId, string> _unopened = [];
    private Dictionary<EntryId, string> _unmade = [];

    /// <summary>As stored at the start, of pools that could not be made since.</summary>
    private Dictionary<EntryId, StoredPool> _states = [];

    private string? _untended;

    /// <summary>Tries again what could not be opened or made, and follows outages that begin or end.</summary>
    public async Task MaintainAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (_edge.IsDue(dependencies.Clock.GetCurrentInstant()))
            {
                Apply(_entries, FindStored);
            }
            else
            {
                ApplySources(_entries);
            }

            _untended = null;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // The pools go on as they are.
            if (_untended != fault.Message)
            {
                LogUntended(log, fault);
            }

            _untended = fault.Message;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>A pool that could not be made at the start goes on, once it can, from what was stored.</summary>
    private ControllerState? FindStored(PoolSpec spec) =>
        dependencies.Table.Find(spec.Id) is null && _states.GetValueOrDefault(spec.Id) is { } stored && stored.For(StateLayout.Describe(spec)) is not null ? Restored(spec, stored) : null;

    /// <summary>A pool that can't be made leaves the others alone; the one before it goes on as long as it can.</summary>
    private Pool? TryCreatePool(PoolSpec spec, Pool? before, ControllerState? stored, Dictionary<EntryId, string> unmade)
    {
        try
        {
            return CreatePool(spec, before, stored);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            unmade[spec.Id] = SafeText.Line(fault.Message);
            if (_unmade.GetValueOrDefault(spec.Id) != unmade[spec.Id])
            {
                LogUnmade(log, spec.Id.ToString(), fault);
            }

            return before;
        }
    }

    private void ApplySources(Entries entries)
    {
        foreach (var (id, held) in _sources.Where(s => !entries.Sources.TryGetValue(s.Key, out var wanted) || wanted != s.Value.Settings).ToList())
        {
            held.Dispose();
            _sources.TryRemove(id, out _);
        }

        foreach (var (id, settings) in entries.Sources.Where(s => !_sources.ContainsKey(s.Key)))
        {
            Open(id, settings);
        }
    }

    private void Open(EntryId id, SourceSettings settings)
    {
        try
        {
            var reader = Reader(id, settings);
            reader.Start();
            _sources[id] = reader;
            _unopened.Remove(id);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (_unopened.GetValueOrDefault(id) != fault.Message)
            {
                LogNoSource(log, id.ToString(), SafeText.Line(fault.Message));
            }

            _unopened[id] = fault.Message;
        }
    }

    private SourceReader Reader(EntryId id, SourceSettings settings)
    {
        var with = new SourceDependencies(dependencies.Table, dependencies.Monotonic, dependencies.HotPath, log);
        return settings.Kind switch
        {
            SourceKind.Udp => new UdpReader(id, settings, with),
            SourceKind.Modbus => new ModbusReader(id, settings, with),
            SourceKind.C37 => new C37Reader(id, settings, with),
            _ => new HttpSource(id, settings, with),
        };
    }

    [LoggerMessage(EventIds.PoolHostUntended, LogLevel.Error, "Contracts, outages or sources can't be followed now; it is tried again each second, what runs goes on")]
    private static partial void LogUntended(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.PoolHostUnmade, LogLevel.Error, "Pool {Pool} can't be made; it is tried again each second, what ran before goes on")]
    private static partial void LogUnmade(ILogger logger, string pool, Exception fault);

    [LoggerMessage(EventIds.PoolHostNoSource, LogLevel.Error, "Source {Source} can't be opened: {Why}")]
    private static partial void LogNoSource(ILogger logger, string source, string why);
}
