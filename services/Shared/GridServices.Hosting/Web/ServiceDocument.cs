using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace GridServices.Hosting.Web;

/// <summary>
/// The service's OpenAPI document. Paths and names come from routing; bodies, answers, parameters, headers, problems and roles are written from what the
/// endpoints say about themselves, with schemas of the serializer's own contract.
/// </summary>
internal sealed class ServiceDocument(ServiceIdentity identity, ApiAbout about) : IOpenApiDocumentTransformer
{
    internal const string Scheme = "bearer";

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "GridServices " + identity.Name,
            Version = "v1",
            Description = about.Description,
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = $"http://127.0.0.1:{identity.DefaultPort}", Description = "Default of an installation on this machine." }];
        document.Components = new OpenApiComponents
        {
            Schemas = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token; each operation names the roles that pass. An operator and an admin may do everything in their tenant." },
            },
        };
        var operations = context.DescriptionGroups.SelectMany(g => g.Items).Select(d => (Description: d, Operation: Find(document, d))).Where(o => o.Operation is not null).ToList();
        var endpoints = operations.Select(o => o.Description.ActionDescriptor.EndpointMetadata).ToList();
        var schemas = await SchemaSet.CreateAsync(
            about,
            [.. endpoints.SelectMany(m => m.OfType<IAcceptsMetadata>()).Select(a => a.RequestType).OfType<Type>().Where(t => t != typeof(string))],
            [.. endpoints.SelectMany(m => m.OfType<IProducesResponseTypeMetadata>()).Where(p => p.StatusCode < 400).Select(p => p.Type).OfType<Type>().Where(t => t != typeof(void) && t != typeof(string)), typeof(Problem)],
            document);
        OpenProblem((OpenApiSchema)document.Components.Schemas[nameof(Problem)]);
        var writer = new OperationWriter(about, schemas, ApiExamples.Load(identity.Migrations), document);
        foreach (var (description, operation) in operations)
        {
            writer.Write(operation!, description);
        }

        var used = operations.SelectMany(o => o.Operation!.Tags ?? Enumerable.Empty<OpenApiTagReference>()).Select(t => t.Reference.Id).ToHashSet(StringComparer.Ordinal);
        document.Tags = new HashSet<OpenApiTag>(about.Tags.Append(new("Outbox", "What waits to be sent to the hub.")).Where(t => used.Contains(t.Key)).Select(t => new OpenApiTag { Name = t.Key, Description = t.Value }));
        document.Components.Schemas = document.Components.Schemas.OrderBy(s => s.Key, StringComparer.Ordinal).ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal);
    }

    /// <summary>Beside the members of RFC 9457: every fault of a document, and the results where one item of its own was refused.</summary>
    private static void OpenProblem(OpenApiSchema problem)
    {
        problem.Properties!["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "Every fault of a refused document.",
            Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string>(["class", "pointer", "detail"], StringComparer.Ordinal),
                Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                {
                    ["class"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The error class." },
                    ["pointer"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "JSON Pointer of the member; empty for the document itself." },
                    ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What is wrong, and how to correct it." },
                },
            },
        };
        problem.Examples = [new JsonObject
        {
            ["type"] = "urn:gridservices:problem:NOT_FOUND", ["title"] = "not found", ["status"] = 404, ["detail"] = "There is nothing of that name.", ["instance"] = "/v1/…",
        }];
    }

    private static OpenApiOperation? Find(OpenApiDocument document, ApiDescription description)
    {
        var path = "/" + description.RelativePath?.TrimEnd('/').Replace("{**", "{", StringComparison.Ordinal);
        var at = document.Paths.FirstOrDefault(p => p.Key.TrimEnd('/') == path).Value;
        return at?.Operations?.GetValueOrDefault(new HttpMethod(description.HttpMethod ?? string.Empty));
    }
}
