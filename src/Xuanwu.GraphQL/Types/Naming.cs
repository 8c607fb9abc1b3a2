using System.Reflection;
using System.Text;

namespace Xuanwu.GraphQL.Types;

// HotChocolate's naming conventions.
internal static class Naming
{
    /// <summary>jobs for GetJobsAsync: Get is dropped always, Async where the method is asynchronous.</summary>
    public static string Field(MemberInfo member, bool isAsync)
    {
        if (Given(member) is { } given) return given;
        var name = member.Name;
        if (member is MethodInfo && name.Length > 3 && name.StartsWith("Get", StringComparison.Ordinal)
            && char.IsUpper(name[3]))
        {
            name = name[3..];
        }

        if (isAsync && name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal)) name = name[..^5];
        return Camel(name);
    }

    public static string Argument(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<GraphQLNameAttribute>()?.Name ?? Camel(parameter.Name!);

    /// <summary>ipAddress for IPAddress, id for ID.</summary>
    public static string Camel(string name)
    {
        var upper = 0;
        while (upper < name.Length && char.IsUpper(name[upper])) upper++;
        if (upper == 0) return name;
        if (upper > 1 && upper < name.Length && char.IsLower(name[upper])) upper--;
        return name[..upper].ToLowerInvariant() + name[upper..];
    }

    /// <summary>FINISHED_OK for FinishedOk.</summary>
    public static string EnumValue(FieldInfo member)
    {
        if (Given(member) is { } given) return given;
        var name = member.Name;
        var text = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            var starts = i > 0 && char.IsUpper(name[i]) && name[i - 1] != '_'
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (starts) text.Append('_');
            text.Append(char.ToUpperInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>KeyValuePairOfStringAndString for a generic type, the plain name for any other.</summary>
    public static string Type(Type type)
    {
        if (Given(type) is { } given) return given;
        if (!type.IsGenericType) return type.Name;
        var name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
        return name + "Of" + string.Join("And", type.GetGenericArguments().Select(Type));
    }

    public static string Input(Type type)
    {
        var name = Type(type);
        return Given(type) is not null || name.EndsWith("Input", StringComparison.Ordinal) ? name : name + "Input";
    }

    public static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static string? Given(MemberInfo member) => member.GetCustomAttribute<GraphQLNameAttribute>()?.Name;
}
