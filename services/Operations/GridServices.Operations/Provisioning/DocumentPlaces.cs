using System.Globalization;
using System.Text.Json.Nodes;

namespace GridServices.Operations.Provisioning;

/// <summary>Finds places in documents again whose lists have changed: an element is known by its name, never by where it stands.</summary>
internal static class DocumentPlaces
{
    // The first that an element states is its name; what states none is known by its whole content.
    private static readonly string[] NamingMembers = ["marketContext", "stream", "siteId", "rId"];

    /// <summary>Names of the list elements that a pointer goes through, as far as they are there.</summary>
    public static IEnumerable<string> GetNames(JsonObject document, TakenItem item)
    {
        JsonNode? place = document;
        foreach (var (step, isLast) in Steps(item.Pointer))
        {
            if (place is JsonArray list)
            {
                if (!int.TryParse(step, out var index) || index >= list.Count)
                {
                    yield break;
                }

                yield return isLast && item.Wanted is { } was ? GetName(JsonNode.Parse(was)) : GetName(list[index]);
            }

            place = Within(place, step);
        }
    }

    /// <summary>Puts what was taken over where it belongs.</summary>
    /// <param name="document">Changed.</param>
    /// <param name="given">The same before anything was put into it.</param>
    /// <param name="item">With its names.</param>
    /// <returns>False: its place is not there any more.</returns>
    public static bool Insert(JsonObject document, JsonObject given, TakenItem item)
    {
        var names = new Queue<string>(item.Names ?? []);
        JsonNode? place = document, before = given;
        foreach (var (step, isLast) in Steps(item.Pointer))
        {
            var at = step;
            if (place is JsonArray list)
            {
                if (!names.TryDequeue(out var name) || (IndexOf(before as JsonArray, step, name) ?? IndexOf(list, step, name)) is not { } index || index >= list.Count)
                {
                    return false;
                }

                at = index.ToString(CultureInfo.InvariantCulture);
            }

            if (isLast)
            {
                return Set(place, before, at, item);
            }

            place = Within(place, at) ?? (place is JsonObject inside && names.Count == 0 ? inside[at] = new JsonObject() : null);
            before = Within(before, at);
        }

        return false;
    }

    private static bool Set(JsonNode? place, JsonNode? before, string step, TakenItem item)
    {
        if (IsOtherList(Within(place, step), item) && IsOtherList(Within(before, step), item))
        {
            return false;
        }

        switch (place)
        {
            case JsonObject inside when item.Found is null:
                inside.Remove(step);
                return true;
            case JsonObject inside:
                inside[step] = JsonNode.Parse(item.Found);
                return true;
            case JsonArray list when item.Found is not null:
                list[int.Parse(step, CultureInfo.InvariantCulture)] = JsonNode.Parse(item.Found);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A list that was taken over as a whole stands for the elements that were in it then.</summary>
    private static bool IsOtherList(JsonNode? there, TakenItem item) =>
        item.Wanted is { } was && JsonNode.Parse(was) is JsonArray wanted && !(there is JsonArray list && list.Select(GetName).SequenceEqual(wanted.Select(GetName), StringComparer.Ordinal));

    /// <summary>Where the element of this name is: where it was, else the only one; null: nowhere, or there are several.</summary>
    private static int? IndexOf(JsonArray? list, string step, string name)
    {
        if (list is null)
        {
            return null;
        }

        int[] found = [.. Enumerable.Range(0, list.Count).Where(i => GetName(list[i]) == name)];
        return int.TryParse(step, out var was) && found.Contains(was) ? was : found is [var only] ? only : null;
    }

    private static string GetName(JsonNode? element)
    {
        var member = element is JsonObject named ? Array.Find(NamingMembers, m => named[m] is not null) : null;
        return member is null ? element?.ToJsonString() ?? "null" : $"{member}={element![member]!.ToJsonString()}";
    }

    private static JsonNode? Within(JsonNode? place, string step) => place switch
    {
        JsonObject inside => inside[step],
        JsonArray list when int.TryParse(step, out var index) && index < list.Count => list[index],
        _ => null,
    };

    private static IEnumerable<(string Step, bool IsLast)> Steps(string pointer)
    {
        string[] steps = pointer.Length == 0 ? [] : [.. pointer[1..].Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
        return steps.Select((step, i) => (step, i == steps.Length - 1));
    }
}
