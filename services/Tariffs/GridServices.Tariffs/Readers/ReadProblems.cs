using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;

namespace GridServices.Tariffs.Readers;

/// <summary>Collects what is wrong and what is odd.</summary>
internal sealed class ReadProblems
{
    private readonly ConfigFaults faults = new();
    /// <summary>Warnings that one answer names; the rest is counted.</summary>
    private const int MostWarnings = 100;

    private readonly ImmutableArray<Finding>.Builder warnings = ImmutableArray.CreateBuilder<Finding>();
    private (Finding Last, int Count)? more;

    public bool Any => faults.Any;

    /// <summary>How many refusals there are so far.</summary>
    public int Count => faults.All.Count;

    /// <summary>No more refusals are kept: reading on is of no use.</summary>
    public bool IsFull => faults.IsFull;

    public ImmutableArray<ReadError> Refusals => [.. faults.All.Select(Refusal)];

    public ImmutableArray<Finding> Warnings => more is not var (last, count) ? warnings.ToImmutable()
        : count == 1 ? [.. warnings, last]
        : [.. warnings, new Finding(last.Class, "/", string.Create(CultureInfo.InvariantCulture, $"and {count} more warnings, of which the last is: {last.Detail}"))];

    /// <summary>A whole document, read member by member.</summary>
    public static ReadResult<T> Read<T>(ReadOnlyMemory<byte> json, JsonBounds bounds, Func<JsonMember, ReadProblems, T?> read)
        where T : class
    {
        using var document = StrictJson.Open(json, bounds, out var fault);
        if (document is null)
        {
            return ReadResult<T>.Refused(Refusal(fault!));
        }

        var problems = new ReadProblems();
        var value = read(new JsonMember(document.RootElement, JsonPath.Root, problems.faults), problems);
        return new ReadResult<T>(problems.Any ? null : value, problems.Refusals, problems.Warnings);
    }

    public void Refuse(ErrorClass errorClass, string at, string detail) => faults.Add(errorClass, at, detail);

    public void Refuse(ConfigFault fault) => faults.Add(fault.Class, fault.Pointer, fault.Detail);

    public void Warn(ErrorClass errorClass, string at, string detail)
    {
        var finding = new Finding(errorClass, at, detail);
        if (warnings.Count < MostWarnings)
        {
            warnings.Add(finding);
            return;
        }

        more = (finding, (more?.Count ?? 0) + 1);
    }

    /// <summary>The document itself is <c>/</c> here, as in XML.</summary>
    public static ReadError Refusal(ConfigFault fault) => new(fault.Class, fault.Pointer.Length == 0 ? "/" : fault.Pointer, fault.Detail);
}
