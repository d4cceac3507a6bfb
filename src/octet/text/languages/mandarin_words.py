"""Mandarin words whose reading character tables get wrong: polyphones, neutral tones, and pairs of third tones.

Readings are pinyin with tone digits before sandhi, 5 for the neutral tone, v for ü.
"""

from __future__ import annotations

# Last syllable in the neutral tone (现代汉语词典), the others as usual.
NEUTRAL = """
爸爸 妈妈 哥哥 姐姐 弟弟 妹妹 爷爷 奶奶 姥姥 姥爷 叔叔 舅舅 伯伯 公公 婆婆 太太 宝宝 娃娃 星星 猩猩 谢谢 看看 听听
说说 试试 坐坐 问问 尝尝 玩玩 小姐 东西 朋友 地方 头发 意思 知道 认识 告诉 事情 衣服 眼睛 耳朵 先生 学生 漂亮 明白
清楚 舒服 干净 暖和 热闹 便宜 麻烦 关系 消息 休息 时候 工夫 功夫 故事 丈夫 大夫 护士 师傅 月亮 太阳 云彩 石榴 葡萄
萝卜 豆腐 馒头 点心 窗户 钥匙 玻璃 行李 扫帚 笤帚 灯笼 蘑菇 骆驼 狐狸 老婆 媳妇 亲戚 客人 主意 生意 力气 脾气 客气
福气 运气 名字 精神 商量 收拾 打扮 打听 答应 招呼 照顾 喜欢 佩服 称呼 琢磨 打算 包袱 胳膊 屁股 脑袋 嘴巴 尾巴 下巴
喇叭 苍蝇 蛤蟆 牲口 庄稼 棉花 苗条 老实 结实 厉害 利害 聪明 糊涂 马虎 迷糊 含糊 模糊 疙瘩 厚道 大方 本事 岁数 部分
成分 身份 月份 眉毛 困难 委屈 合同 学问 算盘 队伍 在乎 咳嗽 唠叨 哆嗦 溜达 耽误 折腾 吆喝 应酬 比方 风筝 动静 规矩
记号 街坊 口袋 快活 凉快 买卖 冒失 名堂 难为 能耐 念叨 盘算 欺负 勤快 人家 软和 上司 烧饼 少爷 舌头 拾掇 使唤 世故
似的 思量 特务 挑剔 跳蚤 铁匠 妥当 外甥 晚上 早上 为了 稳当 窝囊 稀罕 吓唬 相声 心思 兄弟 秀才 丫头 鸭子 哑巴 胭脂
烟筒 养活 一辈子 衣裳 冤枉 月饼 匀称 扎实 张罗 丈人 帐篷 芝麻 知识 指甲 指头 转悠 状元 字号 祖宗 作坊 上头 下头 里头
外头 前头 后头 木头 骨头 石头 枕头 罐头 拳头 念头 上面 下面 里面 外面 前面 后面 里边 外边 前边 后边 左边 右边 旁边
这边 那边 上边 下边 屋里 家里 心里 手里 夜里 嘴里 城里 村里 山上 树上 桌上 地上 路上 身上 脸上 墙上 床上 天上 头上
楼上 街上 起来 出来 进来 回来 过来 下来 上来 出去 进去 回去 过去 下去 上去 什么 怎么 这么 那么 多么 觉得 记得 懂得
显得 晓得 舍得 值得 使得 免得 省得 你们 我们 他们 她们 它们 咱们 人们 这个 那个 哪个 几个 两个 一个 三个 有个 多少
"""
# Full readings where tables err or a word has two.
READINGS = """
想想:xiang2 xiang5 走走:zou2 zou5 等等:deng2 deng5 写写:xie2 xie5 找找:zhao2 zhao5 哪里:na2 li5 长得:zhang3 de5
我得走:wo3 dei3 zou3 不得不:bu4 de2 bu4 为了:wei4 le5 首都:shou3 du1 血液:xue4 ye4 流血:liu2 xue4 还给:huan2 gei3
还了:huan2 le5 睡觉:shui4 jiao4 数一数:shu3 yi1 shu3 数数:shu3 shu4 暖和:nuan3 huo5 参差不齐:cen1 ci1 bu4 qi2
恶心:e3 xin5 勉强:mian3 qiang3 扎实:zha1 shi5 嗯:en2 嗯嗯:en2 en5 诶:ei2 好看:hao3 kan4 好吃:hao3 chi1 好听:hao3 ting1
好奇:hao4 qi2 好学:hao4 xue2 好客:hao4 ke4 重庆:chong2 qing4 一行人:yi1 xing2 ren2 同行:tong2 xing2 银行:yin2 hang2
行业:hang2 ye4 内行:nei4 hang2 外行:wai4 hang2 排行:pai2 hang2 行不行:xing2 bu5 xing2 中奖:zhong4 jiang3
中毒:zhong4 du2 看中:kan4 zhong4 转来转去:zhuan4 lai2 zhuan4 qu4 转圈:zhuan4 quan1 有空:you3 kong4 没空:mei2 kong4
空儿:kong4 er2 晕车:yun4 che1 挣钱:zheng4 qian2 吐了:tu4 le5 呕吐:ou3 tu4 种地:zhong4 di4 种花:zhong4 hua1
种菜:zhong4 cai4 散了:san4 le5 长大:zhang3 da4 长高:zhang3 gao1 长胖:zhang3 pang4 长长的:chang2 chang2 de5
钻石:zuan4 shi2 钻研:zuan1 yan2 教我:jiao1 wo3 教你:jiao1 ni3 教他:jiao1 ta1 教她:jiao1 ta1 教书:jiao1 shu1
教课:jiao1 ke4 很脏:hen3 zang1 太脏:tai4 zang1 脏了:zang1 le5 脏的:zang1 de5 弄脏:nong4 zang1 脏衣服:zang1 yi1 fu5
背着:bei1 zhe5 薄弱:bo2 ruo4 单薄:dan1 bo2 剥削:bo1 xue1 出差:chu1 chai1 差不多:cha4 bu5 duo1 差点:cha4 dian3
差一点:cha4 yi1 dian3 倒水:dao4 shui3 倒是:dao4 shi4 干什么:gan4 shen2 me5 干活:gan4 huo2 干吗:gan4 ma2 几个:ji3 ge5
给我:gei3 wo3 供应:gong1 ying4 发卡:fa4 qia3 理发:li3 fa4 头发:tou2 fa5 黄河:huang2 he2 和平:he2 ping2 假期:jia4 qi1
放假:fang4 jia4 真假:zhen1 jia3 间隔:jian4 ge2 将军:jiang1 jun1 中间:zhong1 jian1 尽量:jin3 liang4 尽力:jin4 li4
卡车:ka3 che1 倔强:jue2 jiang4 铺床:pu1 chuang2 曲子:qu3 zi5 歌曲:ge1 qu3 便利:bian4 li4 相片:xiang4 pian4
相信:xiang1 xin4 应该:ying1 gai1 反应:fan3 ying4 答应:da1 ying5 载重:zai4 zhong4 记载:ji4 zai3 占卜:zhan1 bu3
朝鲜:chao2 xian3 只有:zhi3 you3 一只:yi1 zhi1 两只:liang3 zhi1 三只:san1 zhi1 几只:ji3 zhi1 这只:zhe4 zhi1
那只:na4 zhi1 船只:chuan2 zhi1 乐队:yue4 dui4 乐器:yue4 qi4 音乐会:yin1 yue4 hui4 下载:xia4 zai4 角度:jiao3 du4
主角:zhu3 jue2 着凉:zhao2 liang2 睡着:shui4 zhao2 着急:zhao2 ji2 着想:zhuo2 xiang3 穿着:chuan1 zhe5 沿着:yan2 zhe5
得到:de2 dao4 得出:de2 chu1 得知:de2 zhi1 得分:de2 fen1 得奖:de2 jiang3 得意:de2 yi4 得罪:de2 zui4 获得:huo4 de2
取得:qu3 de2 难得:nan2 de2 心得:xin1 de2 所得:suo3 de2 赢得:ying2 de2 得了:de2 le5 得很:de5 hen3 了不起:liao3 bu5 qi3
受不了:shou4 bu5 liao3 对不起:dui4 bu5 qi3 看不见:kan4 bu5 jian4 听不懂:ting1 bu5 dong3 来不及:lai2 bu5 ji2
忘不了:wang4 bu5 liao3 想不到:xiang3 bu5 dao4 说不定:shuo1 bu5 ding4 用不着:yong4 bu5 zhao2 吃不了:chi1 bu5 liao3
打电话:da3 dian4 hua4 女儿:nv3 er2 儿子:er2 zi5 妻子:qi1 zi5 电子:dian4 zi3 原子:yuan2 zi3 王子:wang2 zi3
男子:nan2 zi3 女子:nv3 zi3 分子:fen1 zi3 孔子:kong3 zi3 老子:lao3 zi3 公子:gong1 zi3 太子:tai4 zi3 弟子:di4 zi3
君子:jun1 zi3 粒子:li4 zi3 种子:zhong3 zi5 鱼子:yu2 zi3 莲子:lian2 zi3 瓜子:gua1 zi3 孙子:sun1 zi5 游子:you2 zi3
才子:cai2 zi3 骄子:jiao1 zi3 量子:liang4 zi3 质子:zhi4 zi3 中子:zhong1 zi3 因子:yin1 zi3 核子:he2 zi3 离子:li2 zi3
赤子:chi4 zi3 学子:xue2 zi3 双子:shuang1 zi3
"""
# Two third tones that are one word, so that the first rises whatever stands before them (小老虎: 3 2 3).
THIRD_TONE_PAIRS = """
老虎 老鼠 老板 水果 雨伞 手表 可以 所以 也许 你好 很好 永远 友好 洗澡 洗手 举手 打扫 打扰 检举 理想 了解 早点 早晚
起点 指导 引导 领导 展览 演讲 鼓掌 简短 古老 美好 美满 勇敢 尽管 只好 只有 想法 手法 语法 法语 写法 表演 采取 产品
场所 处理 辅导 感想 管理 广场 好转 减少 剪纸 久远 口语 女子 偶尔 品种 普选 浅显 请柬 手指 首长 水井 水手 岛屿 导演
短跑 反感 粉笔 海岛 海港 火把 讲演 蚂蚁 母语 奶粉 拇指 舞蹈 选举 选手 雪景 眼角 饮水 影响 勇猛 雨水 允许 整理 指使
主导 主管 主演 主讲 总理 走访 祖母 阻挡 组长 嘴角 本领 保险 保管 保养 北海 比武 彼此 草稿 厂长 打倒 胆敢 党委 点火
抖擞 赶紧 赶走 给予 果品 悔改 假使 景点 旅馆 美女 米粉 扭转 躲闪 抢险 傻眼 省长 土壤 委婉 五百 五五 我俩 小跑 小巧
小腿 许久 养老 以免 以往 有请 有理 长老 掌管 诊所 准许 左手 买好
"""
# 儿 after these is no syllable of its own but an r on the one before (花儿), save in FULL_ER.
RHOTIC_HOSTS = """
点 哪 这 那 花 玩 事 会 味 劲 门 空 活 块 头 画 鸟 鱼 今 明 昨 后 样 份 个 边 皮 球 嘴 歌 词 字 火 色 末 孩 伴 本 包
板 饼 辫 脖 刺 带 地 豆 朵 盖 根 棍 馅 纸 条 座 面 圈 眼 影 月 手 馆 丝 汤 猫 狗 兔 虫 瓶 盆 碗 杯 盘 刀 把 串 片 句
调 话 信 心 法 名 气 神 节 阵 下 回 趟
"""
FULL_ER = """
女儿 儿子 儿童 幼儿 婴儿 孤儿 胎儿 健儿 少儿 男儿 宠儿 混血儿 新生儿 儿女 儿媳 产儿 乞儿 育儿 儿科 弃儿 托儿所 儿歌
儿时 少年儿童 孙儿
"""
