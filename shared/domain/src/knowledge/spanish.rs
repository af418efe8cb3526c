//! Everyday Latin American Spanish.

use super::lexicon::Tables;

/// The tables; see [`Tables`] for what each is for.
pub(super) const SPANISH: Tables = Tables {
    stop: "el la los las un una unos unas lo al del en por para pa o u mas que se yo tu el ella nos ellos ellas usted \
        ustedes vos me te le les mi mis su sus tus nuestro nuestra eso esto ese esa esos esas este esta estos estas aquel \
        aquella cual cuales como cuando ya si no asi aqui alli ahi alla entonces pues porque desde entre sobre ser es \
        son soy era eran fue fueron estar estoy estamos estan esta tener tiene tienen tengo tenemos tenia hay haber ha he \
        han ir va voy van vamos tambien muy mucho mucha muchos muchas algun alguna algunos algunas ningun ninguna nada algo \
        alguien todo toda todos todas cada otro otra otros otras tal hasta despues antes a pero sino",
    empty: "hacer poder querer quiero necesitar saber gustar gustaria decir hablar ver creer dar dejar quedar \
        conseguir puedo puede pueden podria podrian deber",
    anything: "producto articulo",
    weak: "vender comprar mirar mandar pasar usar ofrecer existir servir llevar traer tomar comer aceptar recibir \
        preguntar pregunta duda informacion informar ayudar ayuda explicar confirmar consultar interesar \
        interesado pensar entender posible disponible venir salir llegar empezar terminar hoy manana ahora ayer \
        temprano tarde noche dia semana mes ano luego siempre nunca hora momento vez proximo ultimo rapido \
        urgente normalmente hijo hija madre padre esposo esposa mujer hombre novio novia hermano hermana abuela \
        tia tio amigo amiga familia gente persona senor senora cliente casa tienda lugar local cosa opcion tipo \
        forma manera modo caso ejemplo parte detalle bueno buena bien mejor lindo grande pequeno chico nuevo \
        cierto favor necesario solo solamente quizas facil dificil kilo gramo unidad trozo porcion docena mitad \
        litro total medio entero sin ni tamano uno dos tres cuatro cinco diez veinte programa politica compre \
        vendido",
    light: "pedir pido piden pagar pago horario precio sistema servicio caja paquete plazo",
    business: "panaderia restaurante cafeteria pizzeria clinica consultorio salon peluqueria barberia taller gimnasio \
        academia escuela empresa negocio mercado farmacia hotel estudio",
    keep: "",
    of: "de",
    with: "con",
    and: "y",
    spelling: &[
        ("q k ke", "que"),
        ("xq pq porq", "porque"),
        ("x", "por"),
        ("tb tmb tbn", "tambien"),
        ("cuanto cto", "cuanto"),
        ("hs hrs", "horas"),
        ("finde", "sabado domingo"),
        ("cumple", "cumpleanos"),
        ("dir direc", "direccion"),
        ("tel", "telefono"),
        ("kg kgs kilos", "kilo"),
        ("bici bicis", "bicicleta"),
        ("perrito perrita", "perro"),
        ("wi", "wifi"),
        ("fi", ""),
        ("delivery", "entrega"),
        ("porfa porfavor pls xfa", "favor"),
        ("lun", "lunes"),
        ("mie", "miercoles"),
        ("jue", "jueves"),
        ("vie", "viernes"),
        ("sab", "sabado"),
        ("dom", "domingo"),
        ("jaja jajaja", ""),
    ],
    phrases: &[
        ("que hora|que horas", "#clock"),
        ("horario|horarios", "#clock horario"),
        (
            "cuanto tiempo|cuantas horas|cuantos dias|cuantos minutos|cuanto demora|cuanto tarda|demora|tarda",
            "#duration plazo",
        ),
        ("cuanta anticipacion|cuanto antes|cuantos dias antes", "#duration anticipacion"),
        ("cuanto|cuesta|cuestan|cuanto sale|costo", "#price"),
        ("precio|precios|valor", "#price precio"),
        ("cuantos|cuantas", "#count"),
        ("quien|quienes", "#who"),
        ("para quien|para quienes", ""),
        ("vende|venden|vendemos", "#sale vender"),
        ("donde|adonde|en donde", "#place"),
        ("como llegar|como llego", "direccion"),
        (
            "hola|holi|buenas|buen dia|buenos dias|buenas tardes|buenas noches|que tal|como estas|como estan|todo bien",
            "#greeting",
        ),
        ("una duda|una pregunta|una consulta|una informacion|necesito ayuda|me puede ayudar|ayudame", "#greeting"),
        ("gracias|muchas gracias|mil gracias|muy amable|se agradece|agradezco", "#thanks"),
        ("adios|chao|chau|hasta luego|hasta pronto|nos vemos|buen fin de semana", "#closing"),
        (
            "ok|okey|vale|listo|dale|perfecto|de acuerdo|entendido|entiendo|genial|esta bien|si|eso es todo|nada mas",
            "#closing",
        ),
        ("me llamo|mi nombre es|soy la|soy el", "#name"),
        ("internet", "wifi"),
        ("telefono|numero de telefono|celular", "#digits telefono"),
        ("fin de semana|fines de semana", "sabado domingo"),
        ("todos los dias|diariamente|toda la semana", "lunes martes miercoles jueves viernes sabado domingo"),
        ("por favor|si es posible|es posible|se puede", ""),
        ("silla de ruedas", "discapacitado"),
        ("donde esta mi pedido|no llego|no ha llegado|todavia no llega", "rastrear"),
        ("dejar el auto|estacionar el auto|parquear", "estacionamiento"),
        ("devolucion del dinero|devuelven el dinero|mi dinero", "reembolso"),
        ("sin costo|sin cargo", "gratis"),
    ],
    same: &[
        "abrir abierto abren cerrar cerrado cierran atender atienden",
        "direccion ubicacion calle avenida ubicado",
        "entregar entrega envio domicilio",
        "retirar retiro recoger buscar",
        "encargo encargar pedido pedir ordenar",
        "cancelar cancelacion anular",
        "reembolso reembolsar devolver devolucion",
        "cambiar cambio modificar",
        "descuento promocion oferta",
        "pago pagar",
        "cuota cuotas",
        "efectivo dinero",
        "empleo trabajo trabajar vacante curriculum contratar contratando",
        "estacionamiento estacionar parqueo aparcamiento cochera",
        "mascota animal",
        "nino nina bebe infantil",
        "discapacitado accesible accesibilidad rampa",
        "vegano vegana",
        "gluten celiaco celiaca tacc",
        "alergia alergico alergica alergeno",
        "azucar diabetico",
        "reserva reservar cita turno",
        "queja reclamo reclamar",
        "defecto roto danado equivocado",
        "carta menu catalogo",
        "plazo demora",
        "anticipacion anticipado",
        "bano sanitario",
        "sena adelanto anticipo",
        "gratis gratuito gratuita",
        "reparar reparacion arreglar arreglo",
        "rastrear seguimiento estado atrasado retraso",
        "factura facturar comprobante",
        "sucursal sucursales",
        "foto imagen",
    ],
    kinds: &[
        ("alcoholica", "cerveza vino trago whisky vodka"),
        ("mascota", "perro gato"),
        ("vegano", "vegetariano vegetariana"),
    ],
    days: ["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"],
    until: "a al hasta",
    numerals: "un una uno dos tres cuatro cinco seis siete ocho nueve diez doce veinte treinta",
    money: "pesos peso dolares euros reales soles",
    free: "gratis gratuito gratuita",
    time_units: "minuto minutos min hora horas h dia dias semana semanas mes meses ano anos",
    hours: "mediodia medianoche cerrado cerrada cerrados",
    before: "antes despues",
    who: "nombre llama llaman responsable dueno duena gerente equipo",
    sale: "vendemos tenemos hacemos servimos ofrecemos hay",
    refusal: "no ni nunca",
    clock_topic: "horario abrir",
    price_topic: "precio carta",
    place_topic: "direccion",
};
