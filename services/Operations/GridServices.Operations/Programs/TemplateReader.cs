using System.Text.Json;
using GridServices.Wire;

namespace GridServices.Operations;

/// <summary>A template, or everything that is wrong with its document.</summary>
public sealed record TemplateOutcome(ProgramTemplate? Template, IReadOnlyList<Refusal> Refusals);

/// <summary>Reads program templates strictly: every fault at once, each with its JSON Pointer and what to do.</summary>
public static class TemplateReader
{
    public static TemplateOutcome Read(ReadOnlyMemory<byte> json)
    {
        var template = JsonForm.Read<ProgramTemplate>(json, out var refusals);
        if (template is null)
        {
            return new TemplateOutcome(null, refusals);
        }

        var faults = TemplateRules.Check(template);
        return new TemplateOutcome(faults.Count == 0 ? template : null, faults);
    }

    /// <summary>As it is stored and shown; <see cref="Read"/> gives the same template back.</summary>
    public static byte[] Write(ProgramTemplate template) => JsonSerializer.SerializeToUtf8Bytes(template, OperationsJson.Options);
}
