using EntityImport.Entities;
using EntityImport.Server.Http;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace EntityImport.Server.Records;

/// <summary>
/// What the OData library asks while it reads: which property a name is, and whether two values can be compared. It would convert them to a common
/// type and round; here they stay as they are, and <see cref="FilterTypes"/> compares them.
/// </summary>
internal sealed class FilterResolver : ODataUriResolver
{
    private readonly EntityDefinition _entity;

    public FilterResolver(EntityDefinition entity)
    {
        _entity = entity;
        EnableCaseInsensitive = true;
    }

    /// <summary>The constant that a name is: the library only knows <c>true</c>, <c>false</c> and <c>null</c> in lower case.</summary>
    public static Literal? Word(string name) => name.ToUpperInvariant() switch
    {
        "TRUE" or "FALSE" => new Literal(LiteralKind.Boolean, name),
        "NULL" => new Literal(LiteralKind.Null, name),
        _ => null,
    };

    /// <inheritdoc/>
    public override IEdmProperty ResolveProperty(IEdmStructuredType type, string propertyName)
    {
        // A field may have the name of a constant, but then could not be told from it.
        if (Word(propertyName) is not null) return new EdmStructuralProperty(type, propertyName, EdmCoreModel.Instance.GetBoolean(isNullable: true));
        return base.ResolveProperty(type, propertyName)
            ?? throw new FormatException($"'{_entity.SystemName}' has no field '{Refusal.Cut(propertyName)}'.");
    }

    /// <inheritdoc/>
    public override void PromoteBinaryOperandTypes(
        BinaryOperatorKind binaryOperatorKind, ref SingleValueNode leftNode, ref SingleValueNode rightNode, out IEdmTypeReference typeReference)
    {
        if (binaryOperatorKind is BinaryOperatorKind.And or BinaryOperatorKind.Or)
            base.PromoteBinaryOperandTypes(binaryOperatorKind, ref leftNode, ref rightNode, out typeReference);
        else if (FilterTranslator.Comparison(binaryOperatorKind) is null)
            throw FilterTranslator.Unsupported(OperatorName(binaryOperatorKind));
        else
            typeReference = EdmCoreModel.Instance.GetBoolean(isNullable: true);
    }

    private static string OperatorName(BinaryOperatorKind kind) => kind switch
    {
        BinaryOperatorKind.Add => "add",
        BinaryOperatorKind.Subtract => "sub",
        BinaryOperatorKind.Multiply => "mul",
        BinaryOperatorKind.Divide => "div",
        BinaryOperatorKind.Modulo => "mod",
        _ => "has",
    };
}
