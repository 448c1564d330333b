//! Templates in Chinese, Japanese, Korean and Hindi.

use super::Phrases;

pub(super) static CHINESE: Phrases = Phrases {
    names: &["小明", "王芳", "李娜", "张伟"],
    code: &["【{brand}】验证码 {code}，5分钟内有效，请勿告诉他人。"],
    parcel: &["{name}您好，您的包裹 {ref} 将于今天 {time} 后送达。"],
    payment: &["您的卡于 {time} 消费 {amount} 欧元。如非本人操作，请立即冻结银行卡。"],
    invoice: &[
        "尊敬的{name}，您的账单 {ref} 已出，金额 {amount} 欧元，请在14天内支付。感谢您选择{brand}。",
    ],
    reminder: &["温馨提示：{name}，您预约的时间是明天 {time}。"],
    offer: &[
        "{name}，周末全场八折，满额免运费！活动仅限本周六和周日，线上线下同步进行，会员另享双倍积分，数量有限，先到先得，详情请登录{brand}官方应用查看。退订回复T 🎉",
    ],
};

pub(super) static JAPANESE: Phrases = Phrases {
    names: &["さくら", "健太", "ひろし", "陽子"],
    code: &["【{brand}】認証コード：{code}　他人に教えないでください。"],
    parcel: &[
        "{name}様　お荷物 {ref} は本日{time}以降にお届けします。",
        "ご注文 {ref} を発送しました📦",
    ],
    payment: &[
        "{time}に{amount}ユーロのお支払いがありました。心当たりがない場合はカードを停止してください。",
    ],
    invoice: &[
        "{name}様　ご請求書 {ref}（{amount}ユーロ）を発行しました。お支払い期限は14日以内です。{brand}",
    ],
    reminder: &["{name}様　明日{time}のご予約をお忘れなく。"],
    offer: &["{name}様　週末限定！全品20％オフ🎉この画面をレジでお見せください。{brand}"],
};

pub(super) static KOREAN: Phrases = Phrases {
    names: &["김민준", "이서연", "박지훈", "최유진"],
    code: &["[{brand}] 인증번호 {code} 입니다. 타인에게 알려주지 마세요."],
    parcel: &[
        "{name}님, 상품 {ref} 이(가) 오늘 {time} 이후 도착합니다.\n문의는 앱에서 남겨 주세요.",
    ],
    payment: &["{time} {amount} EUR 결제되었습니다. 본인이 아니면 카드를 정지하세요."],
    invoice: &["{name}님, 청구서 {ref} 금액은 {amount} EUR이며 14일 이내에 납부해 주세요. {brand}"],
    reminder: &["{name}님, 내일 {time} 예약을 잊지 마세요."],
    offer: &["(광고) {name}님, 이번 주말 전 품목 20% 할인! {brand} 앱에서 확인하세요 🎁"],
};

pub(super) static HINDI: Phrases = Phrases {
    names: &["अनिल", "दीपा", "प्रिया", "राहुल"],
    code: &["{code} आपका {brand} कोड है। इसे किसी को न बताएं।"],
    parcel: &["नमस्ते {name}, आपका पार्सल {ref} आज {time} के बाद पहुँचेगा।"],
    payment: &["{time} पर {amount} EUR का भुगतान हुआ। यदि आपने नहीं किया तो कार्ड तुरंत बंद करें।"],
    invoice: &[
        "प्रिय {name}, आपका बिल {ref} तैयार है। राशि {amount} EUR, 14 दिनों में देय। {brand} चुनने के लिए धन्यवाद।",
    ],
    reminder: &["याद दिलाना: {name}, आपकी मुलाकात कल {time} बजे है।"],
    offer: &["{name}, इस सप्ताहांत {brand} पर हर चीज़ पर 20% की छूट 🎉 यह संदेश दिखाएं।"],
};
