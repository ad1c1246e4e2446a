using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace GridServices.Adapters.Service.Settings;

/// <summary>Settings that nobody reads: a misspelt limit must not be silently none.</summary>
internal static class UnknownSettings
{
    public static IEnumerable<string> Find(IConfigurationSection section, Type type)
    {
        foreach (var child in section.GetChildren())
        {
            if (type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is not { } property)
            {
                yield return $"{child.Path} is not known; here are known: {string.Join(", ", type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name))}.";
                continue;
            }

            var element = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            var isOurs = element.Assembly == type.Assembly && !element.IsEnum;
            var parts = !isOurs ? [] : element == property.PropertyType ? [child] : child.GetChildren();
            foreach (var unknown in parts.SelectMany(part => Find(part, element)))
            {
                yield return unknown;
            }
        }
    }
}
