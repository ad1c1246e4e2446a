using System.Text.Json;
using GridServices.Contracts.Json;
using GridServices.Operations.Json;
using GridServices.Wire;

namespace GridServices.Operations.Programs;

/// <summary>A template, or everything that is wrong with its document.</summary>
public sealed record TemplateOutcome(ProgramTemplate? Template, IReadOnlyList<ReadError> Refusals);

/// <summary>Reads program templates strictly: every fault at once, each with its JSON Pointer and what to do.</summary>
public static class TemplateReader
{
    private static readonly DocumentShape Shape = new(OperationsJson.Options);

    public static TemplateOutcome Read(ReadOnlyMemory<byte> json)
    {
        if (StrictJson.Read<ProgramTemplate>(json, JsonBounds.Document, Shape, out var faults) is not { } template)
        {
            return new TemplateOutcome(null, [.. faults.Select(f => new ReadError(f.Class, f.Pointer, f.Detail))]);
        }

        var refusals = TemplateRules.Check(template);
        return new TemplateOutcome(refusals.Count == 0 ? template : null, refusals);
    }

    /// <summary>As it is stored and shown; <see cref="Read"/> gives the same template back.</summary>
    public static byte[] Write(ProgramTemplate template) => JsonSerializer.SerializeToUtf8Bytes(template, OperationsJson.Options);
}
