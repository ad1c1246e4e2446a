using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GridServices.Hosting.Web;
using Microsoft.OpenApi;

namespace GridServices.Hosting.OpenApi;

/// <summary>
/// Schemas of our records as they really are on the wire: made from the serializer's own contract, so members, enum words and required members can't differ
/// from what is read or written. One builder is of one direction:
/// <code>
///   read:  required = must be sent;          null where null is taken; unknown members refused where the service refuses them
///   write: required = is always there;       null is left out, but where the member says that it is written
/// </code>
/// </summary>
internal sealed class SchemaBuilder(
    JsonSerializerOptions options, bool isRead, bool refusesUnknown, Func<Type, string> getName, XmlComments comments, OpenApiDocument document,
    IReadOnlyDictionary<Type, Type> writtenAs)
{
    private readonly bool _decimalsAreText = isRead ? ReadsDecimalText(options) : JsonSerializer.Serialize(1m, options)[0] == '"';

    private static readonly Type[] Choices = [typeof(OneOrMany<>), typeof(ListOrPage<>), typeof(OneOf<,>), typeof(OneOf<,,>)];

    /// <summary>Those that have a name of their own.</summary>
    internal Dictionary<Type, OpenApiSchema> Named { get; } = [];

    internal IOpenApiSchema Build(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var schema = BuildSchema(type);
        return type == declared ? schema : OrNull(schema);
    }

    private IOpenApiSchema BuildSchema(Type declared)
    {
        var type = writtenAs.GetValueOrDefault(declared, declared);
        if (type.IsGenericType && Choices.Contains(type.GetGenericTypeDefinition()))
        {
            return Choice(type);
        }

        if (type.IsEnum)
        {
            return Reference(type, () => CreateEnumSchema(type));
        }

        if (WireTypes.FindSchema(type, isRead, _decimalsAreText) is { } known)
        {
            return known;
        }

        var contract = options.GetTypeInfo(type);
        return contract.Kind switch
        {
            JsonTypeInfoKind.Object => Reference(type, () => Object(type, contract)),
            JsonTypeInfoKind.Enumerable => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Build(contract.ElementType!) },
            JsonTypeInfoKind.Dictionary => new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Build(contract.ElementType!) },
            _ when type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>)) is { } list =>
                new OpenApiSchema { Type = JsonSchemaType.Array, Items = Build(list.GetGenericArguments()[0]) },
            _ => throw new InvalidOperationException($"The OpenAPI document does not know how {type} is written; add it to {nameof(WireTypes)}."),
        };
    }

    private OpenApiSchema Choice(Type type)
    {
        var parts = type.GetGenericArguments().Select(Build).ToList();
        if (type.GetGenericTypeDefinition() == typeof(OneOrMany<>))
        {
            parts.Add(new OpenApiSchema { Type = JsonSchemaType.Array, Items = parts[0] });
        }
        else if (type.GetGenericTypeDefinition() == typeof(ListOrPage<>))
        {
            parts = [new OpenApiSchema { Type = JsonSchemaType.Array, Items = parts[0] }, Build(typeof(Page<>).MakeGenericType(type.GetGenericArguments()))];
        }

        return new OpenApiSchema { AnyOf = parts };
    }

    private OpenApiSchemaReference Reference(Type type, Func<OpenApiSchema> make)
    {
        if (!Named.ContainsKey(type))
        {
            // Entered first: records may contain themselves.
            Named[type] = new OpenApiSchema();
            Named[type] = make();
        }

        return new OpenApiSchemaReference(getName(type), document);
    }

    private OpenApiSchema CreateEnumSchema(Type type) => new()
    {
        Type = JsonSchemaType.String,
        Description = comments.FindSummary(type),
        Enum = [.. Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => JsonSerializer.SerializeToNode(Enum.ToObject(type, v), type, options)!)],
    };

    private OpenApiSchema Object(Type type, JsonTypeInfo contract)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = comments.FindSummary(type),
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            Required = new HashSet<string>(StringComparer.Ordinal),
            AdditionalPropertiesAllowed = !(isRead && refusesUnknown),
        };
        var made = isRead ? contract.CreateObject?.Invoke() : null;
        foreach (var property in contract.Properties.Where(p => isRead ? p.Set is not null || p.AssociatedParameter is not null : p.Get is not null))
        {
            schema.Properties[property.Name] = WithDefault(Described(property), property, made);
            if (isRead ? property.IsRequired : IsAlwaysWritten(property))
            {
                schema.Required.Add(property.Name);
            }
        }

        return schema;
    }

    // A generated client sends a value for each member that can't be null: it has to be the one that holds where the member is left out.
    private IOpenApiSchema WithDefault(IOpenApiSchema schema, JsonPropertyInfo property, object? made)
    {
        if (!isRead || property.IsRequired || !property.PropertyType.IsValueType || IsNullable(property))
        {
            return schema;
        }

        var value = property.AssociatedParameter is { HasDefaultValue: true } parameter ? parameter.DefaultValue : made is null ? null : property.Get?.Invoke(made);
        var node = value switch
        {
            null => null,
            decimal when _decimalsAreText => null, // generators write the default of "number or text" as a text, which does not compile
            _ => JsonSerializer.SerializeToNode(value, property.PropertyType, options),
        };
        switch (schema)
        {
            case OpenApiSchemaReference reference:
                reference.Default = node;
                break;
            case OpenApiSchema own:
                own.Default = node;
                break;
        }

        return schema;
    }

    private IOpenApiSchema Described(JsonPropertyInfo property)
    {
        var bare = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = BuildSchema(bare);
        if (isRead ? IsNullable(property) : IsNullable(property) && IsAlwaysWritten(property))
        {
            schema = OrNull(schema);
        }

        var text = property.AttributeProvider is PropertyInfo member ? comments.FindSummary(member) : null;
        switch (schema)
        {
            case OpenApiSchemaReference reference when text is not null:
                reference.Description = text;
                break;
            case OpenApiSchema own when text is not null:
                own.Description = own.Description is null ? text : $"{text.TrimEnd('.')}. {own.Description}";
                break;
        }

        return schema;
    }

    private static bool ReadsDecimalText(JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<decimal>("\"1\"", options) == 1;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsNullable(JsonPropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null || (!property.PropertyType.IsValueType && (property.IsGetNullable || property.IsSetNullable));

    private static bool IsAlwaysWritten(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute ignore, ..]
            ? ignore.Condition == JsonIgnoreCondition.Never
            : property.ShouldSerialize is null && !IsNullable(property);

    private static OpenApiSchema OrNull(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema { Type: { } type } own)
        {
            own.Type = type | JsonSchemaType.Null;
            return own;
        }

        return new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, schema] };
    }
}
