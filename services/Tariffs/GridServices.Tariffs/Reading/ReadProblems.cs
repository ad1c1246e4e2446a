using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;

namespace GridServices.Tariffs;

/// <summary>Collects what is wrong and what is odd.</summary>
internal sealed class ReadProblems
{
    private readonly ConfigFaults faults = new();
    private readonly ImmutableArray<Finding>.Builder warnings = ImmutableArray.CreateBuilder<Finding>();

    public bool Any => faults.Any;

    public ImmutableArray<ReadError> Refusals => [.. faults.All.Select(Refusal)];

    public ImmutableArray<Finding> Warnings => warnings.ToImmutable();

    /// <summary>A document whose faults are collected here.</summary>
    public JsonMember Root(JsonElement document) => new(document, JsonPath.Root, faults);

    public void Refuse(ErrorClass errorClass, string at, string detail) => faults.Add(errorClass, at, detail);

    public void Warn(ErrorClass errorClass, string at, string detail) => warnings.Add(new Finding(errorClass, at, detail));

    /// <summary>The document itself is <c>/</c> here, as in XML.</summary>
    public static ReadError Refusal(ConfigFault fault) => new(fault.Class, fault.Pointer.Length == 0 ? "/" : fault.Pointer, fault.Detail);
}
