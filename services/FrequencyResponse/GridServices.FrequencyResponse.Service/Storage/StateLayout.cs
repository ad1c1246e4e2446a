using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GridServices.FrequencyResponse.Service.Pools;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>
/// Which bytes a stored controller state is made of: a version that says what they mean, and the shape of the state itself. Another build with the
/// same of both reads what this one stored, so that a latch holds over an upgrade.
/// </summary>
internal static class StateLayout
{
    /// <summary>To be raised when a field of the state keeps its name and type and means something else.</summary>
    private const int Version = 1;

    private static readonly string Shape = string.Create(
        CultureInfo.InvariantCulture, $"v{Version}-{HashShape(typeof(ControllerState))}-{Environment.Version.Major}-{RuntimeInformation.ProcessArchitecture}");

    /// <summary>Of a pool: contracts in their order, sources, and the shape of the state.</summary>
    public static string Describe(PoolSpec spec) =>
        $"{Shape} {string.Join(',', spec.Contracts.Select(c => $"{c.Key}={c.Service.Id}"))} {string.Join(',', spec.Sources)}";

    /// <summary>A hash of all fields of a value without references, in their order, with the values of their enumerations.</summary>
    public static string HashShape(Type type)
    {
        var text = new StringBuilder();
        Describe(type, text);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    private static void Describe(Type type, StringBuilder text)
    {
        if (type.IsPrimitive)
        {
            text.Append(type.Name);
            return;
        }

        if (type.IsEnum)
        {
            text.Append(Enum.GetUnderlyingType(type).Name);
            foreach (var name in Enum.GetNames(type))
            {
                text.Append(' ').Append(name).Append('=').Append(Enum.Format(type, Enum.Parse(type, name), "d"));
            }

            return;
        }

        text.Append(type.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1).Append('{');
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(f => f.MetadataToken))
        {
            text.Append(field.Name).Append(':');
            Describe(field.FieldType, text);
            text.Append(';');
        }

        text.Append('}');
    }
}
