using EntityImport.Entities;
using Microsoft.OData.Edm;

namespace EntityImport.Server.Records;

/// <summary>An entity as the OData library knows it. Making one costs microseconds, so none is kept.</summary>
internal static class FilterModel
{
    public static (IEdmModel Model, IEdmEntityType Type) Of(EntityDefinition entity)
    {
        var type = new EdmEntityType("Entities", entity.SystemName);
        foreach (var field in entity.Fields) type.AddStructuralProperty(field.SystemName, Kind(field.DataType));
        var model = new EdmModel();
        model.AddElement(type);
        return (model, type);
    }

    /// <summary>All numbers are doubles here: only so are constants of any size read. What they are compared as comes from their text.</summary>
    private static EdmPrimitiveTypeKind Kind(DataType type) => type switch
    {
        DataType.String => EdmPrimitiveTypeKind.String,
        DataType.Boolean => EdmPrimitiveTypeKind.Boolean,
        DataType.Date => EdmPrimitiveTypeKind.Date,
        DataType.DateTime => EdmPrimitiveTypeKind.DateTimeOffset,
        _ => EdmPrimitiveTypeKind.Double,
    };
}
