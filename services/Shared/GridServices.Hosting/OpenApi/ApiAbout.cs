using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Web;

namespace GridServices.Hosting.OpenApi;

/// <summary>What a service's OpenAPI document says beyond its endpoints. Register one as a singleton.</summary>
public sealed record ApiAbout
{
    /// <summary>What the service is for, in Markdown.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Tags in the order of the document, each with one sentence.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Path and query parameters by name: what they mean, with unit and form.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How the service reads bodies.</summary>
    public JsonSerializerOptions Read { get; init; } = ContractJson.Options;

    /// <summary>How the service writes answers.</summary>
    public JsonSerializerOptions Write { get; init; } = ContractJson.Options;

    /// <summary>Types with a converter of their own, by what they are on the wire.</summary>
    public IReadOnlyDictionary<Type, Type> WrittenAs { get; init; } = new Dictionary<Type, Type>();

    /// <summary>True where a member that is not known refuses the body.</summary>
    public bool RefusesUnknownMembers { get; init; } = true;
}

/// <summary>In the document: one <typeparamref name="T"/>, or an array of them.</summary>
public abstract class OneOrMany<T>;

/// <summary>In the document: the whole list, or a page of it (<see cref="Paging.MediaType"/>) where <c>limit</c> or <c>after</c> asks for one.</summary>
public abstract class ListOrPage<T>;

/// <summary>In the document: one of two forms.</summary>
public abstract class OneOf<T1, T2>;

/// <summary>In the document: one of three forms.</summary>
public abstract class OneOf<T1, T2, T3>;
