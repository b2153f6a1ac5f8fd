using Mono.Cecil;
using Mono.Cecil.Cil;

namespace EntityImport.Architecture.Tests;

/// <summary>What the types of a compiled library refer to: in signatures, in attributes and in code. Constants leave no trace, and neither do comments.</summary>
internal static class Library
{
    /// <summary>The references between the folders of a library, which its namespaces are named after.</summary>
    /// <param name="name">The assembly's name.</param>
    /// <returns>From which folder to which, with one pair of types as an example.</returns>
    public static IReadOnlyDictionary<(string From, string To), string> ReferencesWithin(string name)
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        var found = new Dictionary<(string From, string To), string>();
        foreach (var type in module.Types)
        {
            foreach (var used in AllOf(type).SelectMany(ReferencesOf).SelectMany(Parts).Where(used => used.Scope is ModuleDefinition))
            {
                var target = Outermost(used);
                if (target.Namespace != type.Namespace && target.Namespace.Length > 0 && type.Namespace.Length > 0)
                    found.TryAdd((type.Namespace, target.Namespace), $"{type.Name} refers to {target.Name}");
            }
        }

        return found;
    }

    /// <summary>The namespaces of a library that have types.</summary>
    public static IReadOnlyCollection<string> NamespacesOf(string name)
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        return [.. module.Types.Select(type => type.Namespace).Where(space => space.StartsWith("EntityImport", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The assemblies of this project that a library refers to.</summary>
    public static IReadOnlyCollection<string> AssembliesOf(string name)
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
        return [.. module.AssemblyReferences.Select(reference => reference.Name).Where(reference => reference.StartsWith("EntityImport", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<TypeDefinition> AllOf(TypeDefinition type) => type.NestedTypes.SelectMany(AllOf).Prepend(type);

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type;
    }

    private static IEnumerable<TypeReference> ReferencesOf(TypeDefinition type)
    {
        if (type.BaseType is { } parent) yield return parent;
        foreach (var implemented in type.Interfaces) yield return implemented.InterfaceType;
        foreach (var attribute in type.CustomAttributes) yield return attribute.AttributeType;
        foreach (var constraint in type.GenericParameters.SelectMany(parameter => parameter.Constraints)) yield return constraint.ConstraintType;
        foreach (var field in type.Fields) yield return field.FieldType;
        foreach (var method in type.Methods)
            foreach (var used in ReferencesOf(method)) yield return used;
    }

    private static IEnumerable<TypeReference> ReferencesOf(MethodDefinition method)
    {
        foreach (var used in SignatureOf(method)) yield return used;
        if (!method.HasBody) yield break;
        foreach (var variable in method.Body.Variables) yield return variable.VariableType;
        foreach (var handler in method.Body.ExceptionHandlers)
            if (handler.CatchType is { } caught) yield return caught;
        foreach (var instruction in method.Body.Instructions)
            foreach (var used in ReferencesOf(instruction)) yield return used;
    }

    private static IEnumerable<TypeReference> ReferencesOf(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method => [method.DeclaringType, .. SignatureOf(method), .. method is GenericInstanceMethod generic ? generic.GenericArguments : []],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> SignatureOf(MethodReference method) => method.Parameters.Select(parameter => parameter.ParameterType).Prepend(method.ReturnType);

    /// <summary>The types that a type is made of.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Concat(Parts(generic.ElementType)),
        RequiredModifierType modified => Parts(modified.ElementType).Concat(Parts(modified.ModifierType)),
        FunctionPointerType => [],
        TypeSpecification special => Parts(special.ElementType),
        _ => [type],
    };
}
