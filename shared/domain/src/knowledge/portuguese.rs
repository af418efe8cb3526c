//! Everyday Brazilian Portuguese, as customers write it on their phones.

use super::tables::Tables;

/// The tables; see [`Tables`] for what each is for.
pub(super) const PORTUGUESE: Tables = Tables {
    stop: "o a os as um uma uns umas em no na nos nas num numa por pelo pela pelos pelas para pra pro pras pros p ao \
        aos ou mas que se eu tu ele ela eles elas voce voces senhor senhora me te lhe lhes meu minha meus minhas \
        seu sua seus suas teu tua nosso nossa nossos nossas dele dela deles delas isso isto esse essa esses essas \
        este esta estes estas aquele aquela aquilo qual quais como ja so tambem muito muita muitos muitas mais \
        menos nao sim ai la aqui ali entao pois porque desde entre sobre ser era eram sou foi foram estar estou \
        estamos estao tava tavam to ta tao ter tem tenho temos tinha tinham haver ha houve ir vai vou vao vamos \
        ne tipo assim mesmo mesma algum alguma alguns algumas nenhum nenhuma nada algo alguem tudo todo toda \
        todos todas cada outro outra outros outras tal ate apos depois antes ca lo desse dessa deste desta disso \
        disto nesse nessa neste nesta nisso daqui dai sao do da dos das esteja seja fosse seria sera vem vim eh \
        ah oh uai ue eita opa hum hein viu querido querida amor atencao resposta mim ti comigo conosco junto \
        nesses nessas nestes nestas qualquer esteve teria terei teve tiver tivesse iria irei durante mano mana \
        miga migo senhores senhoras cara vei parca bora beleza digo alias enfim",
    empty: "fazer poder querer quer quero quiser precisar saber gostar gostaria dizer diga falar falam ver veja achar \
        ficar fica deixar dar deu conseguir posso pode podem podemos preciso acho dever faco faca feito fiz fez \
        vejo vi sei digo disse dou deram quis possa puder pude faz fazem fazemos fazendo fazia faria fariam podia \
        poderia poderiam dao dando daria dariam ve vendo verem diz dizem ficam ficou saberia queremos querem \
        queira consigo consegue conseguem gosto gosta precisa precisam precisava acha acham deixa deixam deve \
        devo rola rolar rolaria sabe sabem sabia soube dizendo visto viu verei fiquei fico ficando achei achou \
        deixei deixou deixo queriam quiserem precisei precisou precisaria falo falei falou fale conseguiria \
        deveria devem gostei gostou saberem",
    anything: "produto item mercadoria",
    universal: "qualquer todo todos toda todas",
    weak: "vender comprar olhar mandar manda enviar envia usar oferecer existir servir levar trazer tomar comer \
        aceitar receber perguntar pergunta tirar duvida informar informacao informacoes informe ajudar ajuda \
        explicar esclarecer confirmar verificar interesse interessado interessada pretender pensar entender \
        combinar costumar acontecer disponivel disponibilidade possivel tentar voltar sair saiu saem sai vir \
        chama colocar por botar hoje amanha agora cedo tarde manha noite dia semana mes ano logo ainda sempre \
        nunca hora horinha momento vez proximo proxima ultimo atual atualmente rapido rapidinho urgente normal \
        normalmente geralmente filho filha mae pai marido esposa namorado namorada irmao irma avo tia tio primo \
        sobrinho sobrinha amigo amiga familia pessoal gente galera moco moca pessoa cliente colega chefe casa \
        loja lugar local aqui perto coisa coisinha negocio opcao tipo forma jeito maneira modo caso exemplo parte \
        detalhe bom boa bem melhor otimo otima lindo linda gostoso gostosa bonito bonita grande pequeno pequena \
        novo nova certo favor gentileza obrigatorio necessario mesmo apenas somente talvez direito facil dificil \
        quilo grama kg unidade pedaco fatia metade litro total meio inteiro inteira sem nem aproximadamente cerca \
        mini dois duas tres quatro cinco dez vinte trinta cinquenta cem chegar comecar acabar terminar terminando \
        continuar anotar encontrar programa politica condicao situacao questao assunto prazo demora poe ponho pus \
        veio vieram venho entrar fim final comeco inicio fresco usa usam uso usei usando tira tiram tiro saindo \
        toma tomam tomo come comem comendo leva levam levo levei horas dias meses anos bons boas tipos formas \
        casas lojas amo pais tios gentes coisas negocios casos modos novos novas vem vindo traz trazem trago \
        perco olha veja sirva serve servem servimos pesa pega tenta tento meias vendem vendo vende compra compram \
        comprei cai cair moro mora morar resido numero frente ganhar ganho ganha cabe cabem caber trouxe \
        trouxeram levou tirei tirou usou tomei comi comeu sirvo moramos longe area reais real incluso inclusa \
        inclui incluem incluido proprio propria procurar procuro procurando certinho direitinho rapidao gastar \
        gasto gastei avisar aviso conseguiria primeiro primeira",
    light: "pedir peço pede pedem pedindo pagar paga pago pagam copo copos prato pratos pacote pacotes caixa caixas \
        meia meias servico servicos sistema sistemas tamanho tamanhos linha linhas passar passa homem mulher \
        menino menina horario horarios preço preços crianca criancas bebe carro carros aberta abertas dentro fora \
        pegar pego pega pegam funciona funcionam paguei pagou pagamos pagando pagaria pedi pediu pedimos pediria \
        pegamos peguei completo completa cidade quantidade cardapio catalogo avulso avulsa montar montam monta",
    business: "padaria restaurante lanchonete cafeteria pizzaria confeitaria doceria clinica consultorio salao barbearia \
        oficina academia escola estabelecimento empresa mercado farmacia petshop hotel pousada estudio escritorio",
    keep: "bebe bebes tomada tomadas troco atendente atendentes conta contas nota notas passe entregador entregadores marca \
        marcas",
    of: "de d",
    with: "com",
    and: "e",
    spelling: &[
        ("vc vcs vce vcis oce ce cs", "voces"),
        ("q qe ki", "que"),
        ("qto qnto qt quato qunto", "quanto"),
        ("qtos qtas qts qntos qntas", "quantos"),
        ("qdo qnd qndo", "quando"),
        ("ql", "qual"),
        ("hr hrs hs", "horas"),
        ("pq pqe", "porque"),
        ("tb tbm tbem", "tambem"),
        ("n naum", "nao"),
        ("mto mt mta", "muito"),
        ("td tds", "tudo"),
        ("pf pfv pfvr pls plis", "favor"),
        ("cmg", "comigo"),
        ("fas fais faiz", "faz"),
        ("oras ora", "horas"),
        ("abri", "abre"),
        ("pics piks", "pix"),
        ("msm", "mesmo"),
        ("oq oque", "que"),
        ("gnt", "gente"),
        ("dps", "depois"),
        ("hj", "hoje"),
        ("amh amnh", "amanha"),
        ("agr", "agora"),
        ("fds findi finde", "sabado domingo"),
        ("niver nivers aniver", "aniversario"),
        ("end", "endereco"),
        ("av", "avenida"),
        ("loc localiz", "endereco"),
        ("tel", "telefone"),
        ("fone", "telefone"),
        ("cel", "celular"),
        ("kg kgs kilo kilos kl", "quilo"),
        ("g gr gramas", "grama"),
        ("refri refris refrig", "refrigerante"),
        ("vr", "vale refeicao"),
        ("va", "vale alimentacao"),
        ("nf nfe nfs danfe", "nota fiscal"),
        ("cv", "curriculo"),
        ("bike bikes magrela", "bicicleta"),
        ("dog dogs doguinho cao caes cadela cachorrinho cachorrinha catioro auau", "cachorro"),
        ("zap zapzap whats wpp wats", "whatsapp"),
        ("insta ig", "instagram"),
        ("delivery", "entrega"),
        ("frete fretes", "taxa entrega"),
        ("motoca", "moto"),
        ("busao buzao bus", "onibus"),
        ("trampo trampos", "emprego"),
        ("grana", "dinheiro"),
        ("breja cerva cervejinha", "cerveja"),
        ("guri guria pia", "crianca"),
        ("gatinho gatinha", "gato"),
        ("gps waze maps", "endereco"),
        ("wi", "wifi"),
        ("fi", ""),
        ("sab sabadao", "sabado"),
        ("domingao", "domingo"),
        ("padoca", "padaria"),
        ("dom", "domingo"),
        ("seg", "segunda"),
        ("qua", "quarta"),
        ("qui", "quinta"),
        ("sex", "sexta"),
        ("blz", "beleza"),
        ("atende atendem atender atendendo", "abre"),
        ("mastercard", "master"),
        ("menu menus", "cardapio"),
        ("cade", "rastrear"),
        ("rs kkk kk haha hahaha kkkk hehe", ""),
        ("feira feiras", ""),
        ("pra pro pras pros", "para"),
        ("quentinho quentinha fresquinho fresquinha quentinhos fresquinhos", "fresco"),
    ],
    phrases: &[
        ("que horas|que hora", "#clock"),
        ("horario|horarios", "#clock horario"),
        ("quantas vezes|em vezes|quantas x", "parcelar"),
        ("cafe da manha", "desjejum"),
        ("cafe da tarde|lanche da tarde", "merenda"),
        ("comprar o|comprar a|comprar um|comprar uma|comprar os|comprar as|onde compro", "#sale"),
        ("quando|que dia|que dias|quais dias|quais os dias|todo dia|todos os dias", "#when"),
        ("quanto tempo|em quanto tempo|quantas horas|quantos dias|quantos minutos|quantas semanas", "#duration"),
        (
            "quanto antes|com quanto tempo|quanto tempo antes|quantos dias antes|quanta antecedencia",
            "#duration antecedencia",
        ),
        ("demora|demoram|demorar|leva quanto tempo|quanto demora|quanto tempo demora|prazo", "#duration prazo"),
        ("chega em quanto tempo|em quanto tempo chega|quanto tempo para chegar", "#duration prazo entrega"),
        ("demora para chegar|demoram para chegar|demora quanto para chegar", "#duration prazo entrega"),
        ("chega o pedido|chega meu pedido|chega o meu pedido|pedido chega|chega a entrega|chega em casa", "entrega"),
        ("caro|barato|mais caro|orcamento", "#price preco"),
        ("mais barato|mais em conta", "desconto"),
        (
            "eh pago|e pago|sao pagos|tem custo|cobra|cobram|cobrado|cobrada|e gratuito|e gratis|e de graca|e cobrado",
            "#price",
        ),
        ("vi no instagram|vi no facebook|vi no google|vi que", ""),
        ("vaga aberta|vagas abertas|vaga de emprego aberta|vagas de emprego abertas", "vaga emprego"),
        ("lado de fora|area externa|parte de fora|ao ar livre|la fora", "calcada"),
        ("como funciona|como funcionam|como peco|como pedir|como solicito|como solicitar|em cima da hora", ""),
        ("qual o whatsapp|numero do whatsapp|numero de whatsapp|whatsapp de voces", "#digits whatsapp"),
        ("quanto|quantos reais|custa|custam|custar|custo|custaria", "#price"),
        ("preço|preços|valor|valores", "#price preco"),
        ("quantos|quantas", "#count"),
        ("quem", "#who"),
        ("para quem|quem nao|quem tem", ""),
        ("vende|vendem|vendemos|vendes", "#sale vender"),
        ("de onde", "origem"),
        ("onde|aonde|em que lugar", "#place"),
        ("como chegar|como chego|como faco para chegar", "endereco"),
        (
            "oi|ola|oie|oii|eai|alo|hello|hey|bom dia|boa tarde|boa noite|bomdia|boatarde|boanoite|e ai|salve|saudacoes",
            "#greeting",
        ),
        (
            "tirar uma duvida|uma duvida|uma informacao|uma pergunta|umas duvidas|preciso de ajuda|pode me ajudar|me ajuda|me ajude",
            "#greeting",
        ),
        (
            "qual seu nome|qual o seu nome|qual e o seu nome|como voce se chama|quem e voce|voce e um robo|voce eh um robo|voce eh robo|voce e humano|voce eh humano|com quem eu falo|com quem falo",
            "#greeting",
        ),
        (
            "tudo bem|tudo bom|tudo certo|tudo joia|tudo beleza|como vai|como voce esta|como estao|tudo|bom domingo",
            "#greeting",
        ),
        (
            "boa semana|bom fim de semana|otimo dia|bom trabalho|ate mais|ate logo|ate amanha|ate breve|tchau|xau|fui|flw|falou",
            "#closing",
        ),
        (
            "obrigado|obrigada|obg|obgd|obgda|obrigadao|brigado|brigada|valeu|vlw|vlww|agradeco|agradecido|agradecida|grato|grata|gratidao|thanks",
            "#thanks",
        ),
        ("muito obrigado|muito obrigada|deus abencoe|deus te abencoe", "#thanks"),
        (
            "ok|okay|okk|certo|beleza|combinado|perfeito|show|entendi|fechou|legal|otimo|maravilha|joia|isso|isso mesmo|sim|ta bom|ta bem|tudo certo entao|show de bola|pode ser|boa|nao precisa|era so isso|so isso|tranquilo|entendido|ciente",
            "#closing",
        ),
        ("internet|rede wifi", "wifi"),
        ("maquina de cartao|maquininha de cartao", "maquininha cartao"),
        (
            "outra loja|outras lojas|nova loja|loja nova|outra unidade|outras unidades|mais de uma loja|mais lojas|outro endereco",
            "filial",
        ),
        ("qual o cnpj|qual cnpj|cnpj de voces|passa o cnpj|numero do cnpj|cnpj da empresa", "#digits cnpj"),
        ("telefone|telefones|numero de telefone|telefone fixo|celular", "#digits telefone"),
        ("fim de semana|final de semana|fins de semana|finais de semana", "sabado domingo"),
        (
            "parar o carro|parar carro|deixar o carro|deixar carro|guardar o carro|estacionar o carro|vaga de carro|vaga para carro|lugar para parar",
            "estacionamento",
        ),
        ("cadeira de rodas", "cadeirante"),
        ("animal de estimacao|animais de estimacao|pet friendly|bicho de estimacao", "animal"),
        ("ticket refeicao|cartao refeicao", "vale refeicao"),
        ("ticket alimentacao|cartao alimentacao", "vale alimentacao"),
        ("ticket restaurante", "ticket vale refeicao"),
        ("cartao de credito", "cartao credito"),
        ("cartao de debito", "cartao debito"),
        ("trabalham com|trabalha com|mexem com", ""),
        ("trabalhe conosco", "emprego"),
        ("meu nome e|aqui e o|aqui e a|me chamo|aqui quem fala e", "#name"),
        (
            "nao chegou|ainda nao chegou|ja saiu|saiu para entrega|esta chegando|onde esta meu|onde esta minha|nao recebi",
            "rastrear",
        ),
        (
            "dinheiro de volta|devolver o dinheiro|devolvem o dinheiro|devolve o dinheiro|meu dinheiro|perco dinheiro|perco o dinheiro|perder dinheiro",
            "reembolso",
        ),
        ("sem custo", "gratis"),
        ("de graca", "gratis"),
        ("ponto de referencia", "referencia"),
        ("taxa de entrega|valor da entrega|custo da entrega", "#price taxa entrega"),
        ("para viagem", ""),
        ("por favor|com licenca|por gentileza|se possivel", ""),
        ("alguma coisa|qualquer coisa|uma coisa", ""),
        ("tem como|da para|daria para|teria como|consigo|sera que|e possivel", ""),
        (
            "todos os dias|todo dia|diariamente|a semana toda|toda a semana",
            "=segunda terca quarta quinta sexta sabado domingo",
        ),
    ],
    same: &[
        "abrir aberto fechar fechado funcionar funcionamento expediente folga",
        "endereço localização localizar rua avenida",
        "entrega entregar",
        "entregador motoboy motoqueiro",
        "retirar retirada buscar pegar",
        "encomenda encomendar pedido pedir",
        "cancelar cancelamento desistir desmarcar desistencia",
        "reembolso reembolsar estorno estornar devolver devolucao ressarcir ressarcimento",
        "mudar mudanca alterar alteracao trocar troca remarcar",
        "desconto promocao oferta promocional",
        "pagamento pagar",
        "maquininha maquina maquineta",
        "parcelar parcela parcelamento prestacao dividir vezes",
        "dinheiro especie",
        "emprego vaga trabalho trabalhar contratar contratando contratacao curriculo candidatar candidato",
        "estacionamento estacionar garagem vaga",
        "bicicleta bicicletario",
        "animal animais bicho pet",
        "crianca bebe nenem infantil kids",
        "cadeirante acessibilidade acessivel rampa deficiente deficiencia",
        "vegano vegana vegan",
        "fraldario trocador fralda",
        "lactose intolerante intolerancia",
        "refeicao alimentacao",
        "gluten celiaco celiaca",
        "alergia alergico alergica alergenico alergeno",
        "acucar diabetico",
        "diet light zero",
        "reserva reservar reservado",
        "salgado salgadinho",
        "doce docinho",
        "reclamacao reclamar queixa",
        "defeito estragado quebrado errado danificado amassado problema",
        "cardapio catalogo tabela",
        "antecedencia antecipado antecipacao",
        "banheiro toalete sanitario lavabo",
        "convidado pessoa",
        "sinal adiantamento adiantado caucao",
        "gratis gratuito gratuita cortesia",
        "agendar agendamento",
        "conserto consertar reparo reparar arrumar",
        "revenda revender revendedor atacado",
        "rastrear rastreio rastreamento status atrasado atraso atrasada",
        "email mail",
        "tomada tomadas",
        "notebook laptop",
        "filial filiais unidades",
        "bairro regiao",
        "imagem foto",
        "frito frita fritura",
        "feriado feriados",
        "evento festa",
        "senha password",
        "moido moer",
    ],
    kinds: &[
        ("alcoolica", "cerveja cervejas vinho chope chopp caipirinha whisky uisque vodka drinque drink"),
        ("animal", "cachorro gato gata coelho passaro papagaio"),
        ("vegano", "vegetariano vegetariana"),
        ("acucar", "diet zero"),
        ("aveia", "vegetal"),
        ("nota", "recibo"),
    ],
    days: ["segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo"],
    asking: "qual quais como quando tem voces ha existe eh sao pode posso podem podemos consigo consegue",
    until: "a as ate",
    numerals: "um uma dois duas tres quatro cinco seis sete oito nove dez doze quinze vinte trinta meia cento centos \
        duzia duzias quilo quilos pacote pacotes fatia fatias pedaco pedacos xicara caixa litro grama gramas",
    money: "real reais centavos",
    free: "gratis gratuito gratuita gratuitos gratuitas cortesia graca",
    time_units: "minuto minutos min hora horas h dia dias semana semanas mes meses ano anos",
    hours: "meiodia meianoite fechado fechada fechados fechadas",
    before: "antes depois",
    who: "nome nomes chama chamam responsavel dono dona donos gerente equipe",
    sale: "vendemos temos fazemos servimos trabalhamos produzimos oferecemos ha",
    refusal: "nao nem nunca",
    clock_topic: "horario abrir funcionamento",
    price_topic: "preco cardapio",
    place_topic: "endereco",
};
